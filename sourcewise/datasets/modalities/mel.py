"""Log-mel frames that a corpus comes as, float32, in place of sound."""

from functools import partial

import numpy as np

from stages.core import card, registry
from stages.core.card import RAW
from stages.core.parallel import each
from stages.kinds import _files

UNIT = "clip"


def store(dataset, recordings, audio, p):
    """Frames to data/clips, all of as many bands as the first."""
    own, items = card.load(dataset), _files.items(dataset, recordings)
    decoder = partial(_mel, frames=registry.module("readers", own.reader).frames, own=own)
    work = partial(_files.decoded, RAW / dataset, decoder=decoder)
    found = each(work, items, what="ingest", unit="array", compute=_files.compute())
    first = next((y.shape[1] for y, _ in (work(item) for item in items) if y is not None), 1)
    alike = ((y, how) if y is None or y.shape[1] == first else (None, _bands(y, first)) for y, how in found)
    return _files.store(recordings, alike, np.float32, width=(first,), rate=own.frame_rate)


def _mel(path, *, frames, own):
    y = frames(path, own)
    return y, {"starts": [0], "stops": [len(y)], "hashes": [_files.hashed(y)], "length": len(y), "sr_original": 0}


def _bands(y, first):
    return f"has {y.shape[1]} mel bands, the first has {first}"
