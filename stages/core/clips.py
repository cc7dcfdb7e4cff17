"""The clips, as the tables list them: those of the manifest, and the augmented copies of train clips."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

from stages.core import manifest
from stages.core.storage import CLIPS, Ragged

AUGMENTED = Path("data/augmented")
COPIES = AUGMENTED / "copies.csv"


def table(reads="manifest"):
    """The rows of data/manifest.csv or data/split.csv, and behind them those of the copies, which are all train."""
    originals, copies = manifest.read(Path("data") / f"{reads}.csv"), manifest.read(COPIES)
    if "split" in originals:
        copies["split"] = "train"
    return pd.concat([originals, copies], ignore_index=True)


def waves(rows):
    """The clips of these rows, a list of int16 views; segments of one recording may overlap."""
    starts = rows["start"].to_numpy()
    stops = starts + rows["n_samples"].to_numpy()
    copied = (rows["origin"] != "").to_numpy()
    found = [None] * len(rows)
    for folder, chosen in ((CLIPS, ~copied), (AUGMENTED, copied)):
        if chosen.any():
            views = Ragged.open(folder).between(starts[chosen], stops[chosen])
            for row, view in zip(chosen.nonzero()[0], views, strict=True):
                found[row] = view
    return found


def content_hash(y):
    """128 bits of 16-bit samples, little endian on every machine, as hex digits."""
    return hashlib.blake2b(np.ascontiguousarray(y, "<i2"), digest_size=16).hexdigest()
