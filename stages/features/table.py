"""One row of numbers a clip: the 58 columns of the genre corpus' published `features_30_sec.csv` (R3), by librosa.

The CSV reads like the published one: `filename, length, ..., label`.
"""

import librosa
import numpy as np
from pydantic import Field, PositiveInt, model_validator

from stages.core.params import Section

N_MFCC = 20
_PAIRS = ["chroma_stft", "rms", "spectral_centroid", "spectral_bandwidth", "rolloff", "zero_crossing_rate"]
_PAIRS += ["harmony", "perceptr"]

#: The columns in their published order, without `filename` in front and `label` behind.
COLUMNS = [
    "length",
    *(f"{name}_{kind}" for name in _PAIRS for kind in ("mean", "var")),
    "tempo",
    *(f"mfcc{k}_{kind}" for k in range(1, N_MFCC + 1) for kind in ("mean", "var")),
]


class Params(Section):
    """`features.table`: window and step in samples."""

    n_fft: int = Field(ge=16, le=65536)
    hop_length: PositiveInt

    @model_validator(mode="after")
    def _fit_together(self):
        if self.hop_length > self.n_fft:
            raise ValueError(f"hop_length is {self.hop_length}, must not be above n_fft ({self.n_fft})")
        return self


def extract(y, *, sr, p):
    """The values of COLUMNS for one clip, float64 (58,)."""
    return describe(y, sr=sr, n_fft=p.n_fft, hop_length=p.hop_length)


def describe(y, *, sr, n_fft, hop_length):
    """The values of COLUMNS for a wave y, (n_samples,) in [-1, 1], as a float64 array (58,).

    Means and variances over frames; `harmony` and `perceptr` over the samples of the harmonic part and of what
    remains without it (median filters of 31 frames and bins). `length` is n_samples. `tempo` in beats a minute.
    """
    stft = librosa.stft(y, n_fft=n_fft, hop_length=hop_length)
    magnitude = np.abs(stft)
    power = magnitude**2
    mel = librosa.power_to_db(librosa.feature.melspectrogram(S=power, sr=sr, n_fft=n_fft))
    frames = {"sr": sr, "n_fft": n_fft}
    harmonic = librosa.istft(librosa.decompose.hpss(stft)[0], hop_length=hop_length, length=len(y))
    onsets = librosa.onset.onset_strength(S=mel, sr=sr, hop_length=hop_length)
    pairs = [
        librosa.feature.chroma_stft(S=power, **frames),
        librosa.feature.rms(y=y, frame_length=n_fft, hop_length=hop_length),
        librosa.feature.spectral_centroid(S=magnitude, **frames),
        librosa.feature.spectral_bandwidth(S=magnitude, **frames),
        librosa.feature.spectral_rolloff(S=magnitude, **frames),
        librosa.feature.zero_crossing_rate(y, frame_length=n_fft, hop_length=hop_length),
        harmonic,
        y - harmonic,
    ]
    tempo = librosa.feature.tempo(onset_envelope=onsets, sr=sr, hop_length=hop_length)[0]
    mfcc = librosa.feature.mfcc(S=mel, n_mfcc=N_MFCC)
    row = [len(y), *(f(x) for x in pairs for f in (np.mean, np.var)), tempo]
    return np.array(row + [f(k) for k in mfcc for f in (np.mean, np.var)], dtype=np.float64)
