"""Pictures: the bytes of their files."""

from functools import partial

import numpy as np

from stages.audio.decode import Unreadable
from stages.core import pictures
from stages.core.card import RAW
from stages.core.parallel import each
from stages.kinds import _files

UNIT = "picture"


def store(dataset, recordings, audio, p):
    """The bytes of the files to data/clips, each once it is known to be whole."""
    work = partial(_files.decoded, RAW / dataset, decoder=_picture)
    found = each(work, _files.items(dataset, recordings), what="ingest", unit="picture", compute=_files.compute())
    return _files.store(recordings, found, np.uint8)


def _picture(path):
    """The file's bytes, uint8; the hash is that of the pixels, whatever the file's format."""
    data = np.fromfile(path, np.uint8)
    pixels = pictures.pixels(data)
    if pixels is None:
        raise Unreadable("is no picture, or is damaged")
    return data, {"starts": [0], "stops": [len(data)], "hashes": [_files.hashed(pixels)], "sr_original": 0}
