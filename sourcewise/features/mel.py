"""Log-mel frames in dB re full scale, for networks: (n_frames, n_mels) a clip."""

import numpy as np

from sourcewise.audio.framing import Frames
from sourcewise.audio.spectral import log_mel

GIVES = "frames"
DTYPE = np.float32


class Params(Frames):
    """`features.mel`."""


def width(p):
    """Values a frame."""
    return (p.n_mels,)


def extract(y, *, sr, p):
    """The frames of one clip, float32 (n_frames, n_mels)."""
    return log_mel(y, sr=sr, n_fft=p.n_fft, hop_length=p.hop_length, n_mels=p.n_mels)
