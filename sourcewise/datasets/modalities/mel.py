"""Log-mel frames that a corpus comes as, float32, in place of sound."""

from functools import partial

import numpy as np

from sourcewise.compute.parallel import each
from sourcewise.core import registry
from sourcewise.core.paths import RAW
from sourcewise.datasets import dataset_file, storing

UNIT = "clip"


def store(dataset, recordings, audio, p):
    """Frames to data/clips, all of as many bands as the first."""
    own, items = dataset_file.load(dataset), storing.items(dataset, recordings)
    decoder = partial(_mel, frames=registry.module("datasets.readers", own.reader).frames, own=own)
    work = partial(storing.decoded, RAW / dataset, decoder=decoder)
    found = each(work, items, what="ingest", unit="array", compute=storing.compute())
    first = next((y.shape[1] for y, _ in (work(item) for item in items) if y is not None), 1)
    alike = ((y, how) if y is None or y.shape[1] == first else (None, _bands(y, first)) for y, how in found)
    return storing.store(recordings, alike, np.float32, width=(first,), rate=own.frame_rate)


def _mel(path, *, frames, own):
    y = frames(path, own)
    return y, {"starts": [0], "stops": [len(y)], "hashes": [storing.hashed(y)], "length": len(y), "sr_original": 0}


def _bands(y, first):
    return f"has {y.shape[1]} mel bands, the first has {first}"
