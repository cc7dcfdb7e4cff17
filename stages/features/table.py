"""One row of 58 numbers a clip (R3), in a CSV that reads like the published one: `filename, length, ..., label`."""

from stages.audio.table import COLUMNS, describe  # noqa: F401 (COLUMNS is part of what this module offers)
from stages.core.params import Section


class Params(Section):
    """`features.table`: window and step in samples."""

    n_fft: int
    hop_length: int

    def model_post_init(self, _):
        if not 16 <= self.n_fft <= 65536:
            raise ValueError(f"n_fft is {self.n_fft}, must lie from 16 to 65536")
        if not 1 <= self.hop_length <= self.n_fft:
            raise ValueError(f"hop_length is {self.hop_length}, must lie from 1 to n_fft ({self.n_fft})")


def extract(y, *, sr, p):
    """The values of COLUMNS for one clip, float64 (58,)."""
    return describe(y, sr=sr, n_fft=p.n_fft, hop_length=p.hop_length)
