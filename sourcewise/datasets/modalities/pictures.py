"""Pictures: the bytes of their files."""

from functools import partial

import numpy as np

from sourcewise.audio.decode import Unreadable
from sourcewise.compute.parallel import each
from sourcewise.core.paths import RAW
from sourcewise.datasets import images, storing

UNIT = "picture"


def store(dataset, recordings, audio, p, folder):
    """The bytes of the files to a folder; files that cannot be decoded are rejected."""
    work = partial(storing.decoded, RAW / dataset, decoder=_picture)
    results = each(work, storing.items(dataset, recordings), title="ingest", unit="picture", compute=storing.compute())
    return storing.store(recordings, results, np.uint8, folder, keep_copies=p.keep_copies)


def _picture(path):
    """The file's bytes, uint8; the hash is that of the pixels, whatever the format."""
    data = np.fromfile(path, np.uint8)
    pixels = images.pixels(data)
    if pixels is None:
        raise Unreadable("is not a picture, or is damaged")
    return data, {"starts": [0], "stops": [len(data)], "hashes": [storing.hashed(pixels)], "sr_original": 0}
