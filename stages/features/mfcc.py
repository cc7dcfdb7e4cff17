"""MFCC frames: (n_frames, n_mfcc) a clip."""

from stages.audio.spectral import mfcc
from stages.features._frames import Frames


class Params(Frames):
    """`features.mfcc`: the mel frames that the coefficients are taken from, and how many are kept."""

    n_mfcc: int

    def model_post_init(self, context):
        super().model_post_init(context)
        if not 2 <= self.n_mfcc <= self.n_mels:
            raise ValueError(f"n_mfcc is {self.n_mfcc}, must lie from 2 to n_mels ({self.n_mels})")


def width(p):
    """Values a frame."""
    return p.n_mfcc


def extract(y, *, sr, p):
    """The frames of one clip, float32 (n_frames, n_mfcc)."""
    return mfcc(y, sr=sr, n_mfcc=p.n_mfcc, n_fft=p.n_fft, hop_length=p.hop_length, n_mels=p.n_mels)
