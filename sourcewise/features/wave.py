"""The wave itself, 16-bit, at the rate that its classifiers need (YAMNet: 16,000 Hz): (n_samples,) a clip."""

import numpy as np
import soxr
from pydantic import Field

from sourcewise.audio.samples import to_int16
from sourcewise.core.params import Section

GIVES = "wave"
DTYPE = np.int16


class Params(Section):
    """`features.wave`: the sample rate in Hz."""

    sr: int = Field(ge=1000, le=192_000)


def width(p):
    """One value a sample."""
    return ()


def extract(y, *, sr, p):
    """The samples of one clip, int16 (n_samples,); resampled by soxr HQ where the rate differs."""
    if p.sr != sr:
        y = soxr.resample(y, sr, p.sr, quality="HQ")
    return to_int16(y)
