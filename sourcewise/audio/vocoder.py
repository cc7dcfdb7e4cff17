"""From log-mel frames back to a wave: magnitudes by the inverse of the mel filters, phases by the fast Griffin-Lim
algorithm (N. Perraudin, P. Balazs and P. Søndergaard, WASPAA 2013) of librosa."""

from functools import lru_cache

import numpy as np

from sourcewise.audio.spectral import mel_filters

ITERATIONS = 32


def vocoded(mel_db, *, sr, n_fft, hop_length, length):
    """A wave, float32 (length,), whose `spectral.log_mel` is about mel_db, (1 + length // hop_length, n_mels), in dB re
    full scale. The same frames give the same wave."""
    import librosa

    power = np.maximum(10.0 ** (np.float64(mel_db) / 10) @ _inverse(sr, n_fft, mel_db.shape[1]), 0)
    magnitude = np.sqrt(power).T.astype(np.float32)
    options = {"n_fft": n_fft, "hop_length": hop_length, "length": length, "pad_mode": "constant", "random_state": 0}
    return librosa.griffinlim(magnitude, n_iter=ITERATIONS, **options)


@lru_cache(maxsize=8)
def _inverse(sr, n_fft, n_mels):
    """From mel bands to bins, (n_mels, n_fft // 2 + 1): the weighted mean of the bands that a bin lies in."""
    filters = mel_filters(sr, n_fft, n_mels).astype(np.float64)
    heights = filters.sum(axis=1, keepdims=True)
    shares = filters / np.maximum(filters.sum(axis=0), np.finfo(float).tiny)
    return shares / np.maximum(heights, np.finfo(float).tiny)
