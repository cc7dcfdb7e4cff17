"""Variants of a wave: stretched, shifted in pitch or time, louder, softer, with noise; all float32 (n_samples,)."""

import numpy as np
import soxr

from sourcewise.audio import spectral
from sourcewise.audio.spectral import kernel

N_FFT, HOP = 2048, 512  # of the phase vocoder, in samples


def stretch(y, *, rate):
    """The wave `rate` times as fast at the same pitch: (round(n_samples / rate),), at least one sample.

    A phase vocoder with phases locked to the nearest spectral peak (J. Laroche and M. Dolson, Improved phase vocoder
    time-scale modification of audio, 1999), which keeps level and timbre better than one without.
    """
    length = max(1, round(len(y) / rate))
    packed = spectral.packed_spectra(y, n_fft=N_FFT, hop_length=HOP)
    magnitude = spectral.magnitude_of(packed)
    _phasors(packed, magnitude)
    steps = np.arange(0, len(packed), rate)
    steps = steps[steps < len(packed)]  # which rounding may have reached
    return spectral.wave(_vocoded(packed, magnitude, steps), hop_length=HOP, length=length)


def shift_pitch(y, *, semitones):
    """The wave with all its frequencies times 2 ** (semitones / 12); the length stays."""
    rate = 2 ** (-semitones / 12)
    stretched = stretch(y, rate=rate)
    resampled = soxr.resample(stretched, 1 / rate, 1, quality="HQ")[: len(y)]
    return np.pad(resampled, (0, len(y) - len(resampled)))


def shift_time(y, *, n_samples):
    """The wave n_samples later (earlier where negative); what leaves at one end comes in at the other."""
    return np.roll(y, n_samples)


def gain(y, *, db):
    """The wave db louder."""
    return y * np.float32(10 ** (db / 20))


def mix(y, noise, *, snr_db):
    """The wave with noise (as long as it) at a signal-to-noise ratio, both as mean power; silence stays silent."""
    noise_power = np.mean(np.square(noise), dtype=np.float64)
    if noise_power == 0:
        return y
    wanted = np.mean(np.square(y), dtype=np.float64) / 10 ** (snr_db / 10)
    return y + noise * np.float32(np.sqrt(wanted / noise_power))


def passage_of(recordings, n_samples, *, rng):
    """A drawn passage of a drawn recording, (n_samples,), or all of one that is shorter."""
    recording = recordings[rng.integers(len(recordings))]
    start = rng.integers(max(len(recording) - n_samples, 0) + 1)
    return recording[start : start + n_samples]


def white_noise(n_samples, *, rng):
    """Gaussian noise of unit power."""
    return rng.standard_normal(n_samples, dtype=np.float32)


@kernel
def _vocoded(phasors, magnitude, steps):
    """Packed spectra at the (fractional) frames `steps`: magnitudes between those of two frames; phases those of the
    first, turned, around each peak, by one angle, so that the peak's phase goes on as it did in the original."""
    n, n_fft = phasors.shape
    half = n_fft // 2
    out = np.empty((len(steps), n_fft), np.float32)
    height, is_peak = np.empty(half + 1, np.float32), np.zeros(half + 1, np.bool_)
    re, im = np.ones(half + 1, np.float32), np.zeros(half + 1, np.float32)  # the angles, as unit vectors
    before = 0
    for t in range(len(steps)):
        i = int(steps[t])
        share = np.float32(steps[t] - i)
        low, high, phasor, spectrum = magnitude[i], magnitude[min(i + 1, n - 1)], phasors[i], out[t]
        for k in range(half + 1):
            height[k] = low[k] + share * (high[k] - low[k])
        if t > 0:
            _find_peaks(height, is_peak)
            _turn(phasors[min(before + 1, n - 1)], phasor, is_peak, re, im)
        before = i
        spectrum[0] = height[0] * phasor[0] * re[0]
        spectrum[n_fft - 1] = height[half] * phasor[n_fft - 1] * re[half]
        for k in range(1, half):
            x, y = phasor[2 * k - 1], phasor[2 * k]
            spectrum[2 * k - 1] = height[k] * (x * re[k] - y * im[k])
            spectrum[2 * k] = height[k] * (x * im[k] + y * re[k])
    return out


@kernel
def _find_peaks(height, is_peak):
    """Mark the bins that are higher than two neighbours on either side."""
    for k in range(2, len(height) - 2):
        around = max(max(height[k - 2], height[k - 1]), max(height[k + 1], height[k + 2]))
        is_peak[k] = height[k] > around


@kernel
def _turn(expected, actual, is_peak, re, im):
    """Turn each peak from its actual phase to the expected one, and with it the bins up to half-way to the next."""
    first, last = 0, 0
    x, y = np.float32(1), np.float32(0)
    for k in range(len(is_peak)):
        if not is_peak[k]:
            continue
        if last > 0:
            middle = (last + k) // 2
            re[first:middle], im[first:middle] = x, y
            first = middle
        last = k
        c, s = expected[2 * k - 1], expected[2 * k]
        x, y = re[k] * c - im[k] * s, re[k] * s + im[k] * c
        c, s = actual[2 * k - 1], -actual[2 * k]
        x, y = x * c - y * s, x * s + y * c
        length = np.sqrt(x * x + y * y)
        x, y = (x / length, y / length) if length > 0 else (np.float32(1), np.float32(0))
    if last > 0:
        re[first:], im[first:] = x, y


@kernel
def _phasors(packed, magnitude):
    """Divide each bin by its magnitude, in place; silent bins stay 0."""
    half = packed.shape[1] // 2
    for i in range(len(packed)):
        row, size = packed[i], magnitude[i]
        row[0] = 1 if row[0] >= 0 else -1
        row[2 * half - 1] = 1 if row[2 * half - 1] >= 0 else -1
        for k in range(1, half):
            scale = 1 / max(size[k], np.float32(1e-20))
            row[2 * k - 1] *= scale
            row[2 * k] *= scale
