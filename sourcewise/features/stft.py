"""Magnitudes of the short-time spectrum, for denoisers: (n_frames, n_fft / 2 + 1) a clip."""

import numpy as np

from sourcewise.audio.framing import Window
from sourcewise.audio.spectral import magnitude

GIVES = "frames"
DTYPE = np.float32


class Params(Window):
    """`features.stft`."""


def width(p):
    """Values a frame."""
    return (p.n_fft // 2 + 1,)


def extract(y, *, sr, p):
    """The frames of one clip, float32 (n_frames, n_fft // 2 + 1); a full-scale sine has n_fft / 4."""
    return magnitude(y, n_fft=p.n_fft, hop_length=p.hop_length)
