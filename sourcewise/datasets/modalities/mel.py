"""Log-mel frames, float32, for datasets that come without sound."""

from functools import partial

import numpy as np

from sourcewise.compute.parallel import each
from sourcewise.core import registry
from sourcewise.core.paths import RAW
from sourcewise.datasets import dataset_file, storing

UNIT = "clip"


def store(dataset, recordings, audio, p, folder):
    """Frames to a folder; arrays with another number of mel bands than the first are rejected."""
    keys, items = dataset_file.load(dataset), storing.items(dataset, recordings)
    decoder = partial(_mel, frames=registry.module("datasets.readers", keys.reader).frames, keys=keys)
    work = partial(storing.decoded, RAW / dataset, decoder=decoder)
    results = each(work, items, title="ingest", unit="array", compute=storing.compute())
    first = next((y.shape[1] for y, _ in (work(item) for item in items) if y is not None), 1)
    results = ((y, info) if y is None or y.shape[1] == first else (None, _bands(y, first)) for y, info in results)
    return storing.store(
        recordings, results, np.float32, folder, width=(first,), rate=keys.frame_rate, keep_copies=p.keep_copies
    )


def _mel(path, *, frames, keys):
    y = frames(path, keys)
    return y, {"starts": [0], "stops": [len(y)], "hashes": [storing.hashed(y)], "length": len(y), "sr_original": 0}


def _bands(y, first):
    return f"has {y.shape[1]} mel bands, the first has {first}"
