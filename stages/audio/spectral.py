"""From waves to frames: the log-mel spectrogram and MFCC."""

from functools import lru_cache

import librosa
import numpy as np
import scipy.fft

FLOOR = 1e-10  # power below which all is -100 dB


def log_mel(y, *, sr, n_fft, hop_length, n_mels):
    """Log-mel power spectrogram in dB re full scale, float32 (1 + n_samples // hop_length, n_mels).

    y: (n_samples,) in [-1, 1]. Hann window, frames centred, zeros beyond the ends, Slaney filters from 0 to sr / 2,
    nothing below -100 dB; no scaling that depends on the clip.
    """
    power = np.abs(librosa.stft(y, n_fft=n_fft, hop_length=hop_length)) ** 2  # (n_fft // 2 + 1, frames)
    mel = _filters(sr, n_fft, n_mels) @ power
    return (10 * np.log10(np.maximum(mel, FLOOR))).T.astype(np.float32)


def mfcc(y, *, n_mfcc, **mel):
    """The first n_mfcc cosine coefficients of each frame of `log_mel`, float32 (n_frames, n_mfcc), as librosa's
    (orthonormal type II), but without its floor 80 dB below the loudest bin of the clip."""
    return scipy.fft.dct(log_mel(y, **mel), axis=1, norm="ortho")[:, :n_mfcc]


@lru_cache(maxsize=8)
def _filters(sr, n_fft, n_mels):
    filters = librosa.filters.mel(sr=sr, n_fft=n_fft, n_mels=n_mels)
    filters.setflags(write=False)
    return filters
