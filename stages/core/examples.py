"""What a classifier is given: features, and for training their targets."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from stages.core.storage import FEATURES, Ragged


class Examples(NamedTuple):
    """x: a Ragged of frames, or an array (n_clips, n_columns); y: boolean (n_clips, n_classes)."""

    x: Ragged | np.ndarray
    y: np.ndarray


def read_features(kind):
    """The features of every clip, in the order of `clips.table`: a memory-mapped Ragged of frames, or a table's
    published numbers but for `length`, which says how long a recording is, not how it sounds."""
    folder = FEATURES / kind
    if (folder / "table.csv").is_file():
        table = pd.read_csv(folder / "table.csv", lineterminator="\n")
        others = ["filename", "length", "rms_sd", "zero_crossing_rate_sd", "label"]
        return table.drop(columns=others).to_numpy(np.float64)
    return Ragged.open(folder)


def take(x, rows):
    """Some clips of either kind of features."""
    return x.take(rows) if isinstance(x, Ragged) else x[rows]


def mean_and_sd(clips):
    """Mean and standard deviation over the frames of each clip: (n_clips, 2 * n_columns), float64."""
    return np.stack(
        [np.concatenate([c.mean(axis=0, dtype=np.float64), c.std(axis=0, dtype=np.float64)]) for c in clips]
    )
