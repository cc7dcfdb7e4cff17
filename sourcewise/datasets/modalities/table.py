"""Rows of a table of features, as text."""

import numpy as np
import pandas as pd

from sourcewise.core import registry
from sourcewise.core.paths import RAW
from sourcewise.datasets import clips, dataset_file, manifest, storing
from sourcewise.storage.files import fresh_folder

UNIT = "row"


def store(dataset, recordings, audio, p, folder):
    """The rows to a folder, as text in manifest order; rows with a column that is not a number are rejected."""
    keys = dataset_file.load(dataset)
    text = registry.module("datasets.readers", keys.reader).rows(RAW / dataset, keys)
    text = text.loc[[recording.path for recording in recordings]]
    numbers = text.apply(pd.to_numeric, errors="coerce").to_numpy(np.float64) + 0.0  # no negative zero
    usable = np.isfinite(numbers)
    rows, rejected = [], []
    for recording, row, good in zip(recordings, numbers, usable, strict=True):
        if good.all():
            info = {"starts": [0], "stops": [0], "hashes": [storing.hashed(row)], "sr_original": 0}
            rows += storing.rows_of(recording, info, [[]], 0, 0, None)
        else:
            column = text.columns[good.argmin()]
            value = text.loc[recording.path, column]
            rejected.append((recording.path, f"has no number in column {column!r}, but {value!r}"))
    fresh_folder(folder)
    kept = text[usable.all(axis=1)]
    ids = pd.Series([manifest.clip_id(path) for path in kept.index], index=kept.index, name="clip_id")
    manifest.write(pd.concat([ids, kept], axis=1), folder / clips.ROWS.name)
    return storing.Stored(rows, [], rejected, [], [])
