"""One row of numbers a clip: the 58 columns of the genre dataset's published `features_30_sec.csv` ([R3]) and, behind
them, the standard deviations that [R2] uses. The CSV reads like the published one: `filename, length, ..., label`."""

import numpy as np

from sourcewise.audio.framing import Window
from sourcewise.audio.tabular import COLUMNS, describe

__all__ = ["COLUMNS", "GIVES", "Params", "extract"]

GIVES = "vector"
DTYPE = np.float64


class Params(Window):
    """`features.table`."""


def columns(p):
    """The clip's length in samples, then the other names."""
    return COLUMNS


def extract(y, *, sr, p):
    """The values of COLUMNS for one clip, float64 (60,)."""
    return describe(y, sr=sr, n_fft=p.n_fft, hop_length=p.hop_length)
