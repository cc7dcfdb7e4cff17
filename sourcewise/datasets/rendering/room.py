"""Rooms with a microphone: what all recordings of one source share, whatever their label."""

from zlib import crc32

import numpy as np
import scipy

SR = 16_000


class Room:
    """The effect of a room and its microphone on a sound: colour, echo, level and noise, drawn from its name."""

    def __init__(self, name):
        rng = np.random.default_rng(crc32(name.encode()))
        self._name = name
        self._tilt_db = rng.uniform(-12, 12)  # at half the sample rate, against 0 Hz
        self._level_db = rng.uniform(-30, -23)
        self._noise_db = rng.uniform(-60, -42)
        self._noise_slope = rng.uniform(0.3, 0.95)  # of its first-order low pass
        n = int(rng.uniform(0.08, 0.25) * SR)
        echo = rng.standard_normal(n) * np.exp(-6 * np.arange(n) / n)
        self._echo = np.concatenate([[1], rng.uniform(0.05, 0.25) * echo / np.linalg.norm(echo)])

    def __call__(self, y, number, *, pad=SR // 4):
        """Recording `number` in this room: y, (n_samples,), with `pad` samples of room noise before and after it."""
        gains = 10 ** (np.array([0, self._tilt_db]) / 20)
        colour = scipy.signal.firwin2(65, [0, 1], gains)
        y = scipy.signal.fftconvolve(np.pad(y, pad), self._echo)[: len(y) + 2 * pad]
        y = scipy.signal.lfilter(colour, 1, y)
        y *= 10 ** (self._level_db / 20) / np.sqrt(np.mean(y**2))
        rng = np.random.default_rng([number, crc32(self._name.encode())])
        noise = scipy.signal.lfilter([1], [1, -self._noise_slope], rng.standard_normal(len(y)))
        y += noise * 10 ** (self._noise_db / 20) / np.sqrt(np.mean(noise**2))
        return np.clip(y, -1, 1)
