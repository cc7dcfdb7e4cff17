"""MFCC frames: (n_frames, n_mfcc) a clip."""

import numpy as np
from pydantic import Field, PositiveFloat, model_validator

from sourcewise.audio.framing import Frames
from sourcewise.audio.spectral import mfcc

GIVES = "frames"
DTYPE = np.float32


class Params(Frames):
    """`features.mfcc`: the mel frames that the coefficients are taken from, and how many are kept.

    top_db: mel values further below the clip's loudest are raised to there first (librosa: 80); null: none are.
    """

    n_mfcc: int = Field(ge=2)
    top_db: PositiveFloat | None

    @model_validator(mode="after")
    def _fit_coefficients(self):
        if self.n_mfcc > self.n_mels:
            raise ValueError(f"n_mfcc is {self.n_mfcc}, must not be above n_mels ({self.n_mels})")
        return self


def width(p):
    """Values a frame."""
    return (p.n_mfcc,)


def extract(y, *, sr, p):
    """The frames of one clip, float32 (n_frames, n_mfcc)."""
    frames = {"n_fft": p.n_fft, "hop_length": p.hop_length, "n_mels": p.n_mels}
    return mfcc(y, sr=sr, n_mfcc=p.n_mfcc, top_db=p.top_db, **frames)
