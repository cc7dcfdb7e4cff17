"""Onsets, tempo and beats: librosa's numbers (tests/audio/test_beats.py) without importing its modules for them, which
compile for two or three seconds."""

import cv2
import numpy as np
import scipy

from sourcewise.audio import spectral

TIGHTNESS = 100  # penalty of a beat whose distance from the one before is not one period


def onsets(mel_db, *, n_fft, hop_length):
    """Onset strength: the mean rise of each frame's bands, in dB, float32 (n_frames,). mel_db: (n_frames, n_mels)."""
    rises = np.maximum(mel_db[1:] - mel_db[:-1], 0).mean(axis=1)
    return delayed(rises, n_fft=n_fft, hop_length=hop_length)


def delayed(rises, *, n_fft, hop_length):
    """The rises from each frame to the next, (n_frames - 1,), as one value a frame, aligned with the sound."""
    zeros = np.zeros(1 + n_fft // (2 * hop_length), np.float32)
    return np.concatenate([zeros, rises])[: len(rises) + 1]


def tempo(onsets, *, sr, hop_length):
    """Beats a minute: the lag at which the onsets within 8 s resemble themselves, weighted towards 120; 0 without
    onsets."""
    length = int(8.0 * sr) // hop_length
    if length < 2 or not onsets.any():
        return 0.0
    likeness = _mean_autocorrelation(onsets, length)
    bpm = 60 * sr / (hop_length * np.arange(1, length))
    weight = np.where(bpm < 320, -0.5 * np.log2(bpm / 120) ** 2, -np.inf)
    return float(bpm[np.argmax(np.log1p(1e6 * likeness[1:]) + weight)])


def _mean_autocorrelation(onsets, length):
    """Mean over all frames of the autocorrelation of the `length` frames around it, each in units of its lag 0."""
    n = len(onsets)
    padded = np.pad(onsets, length // 2, mode="linear_ramp", end_values=0)
    frames = np.lib.stride_tricks.sliding_window_view(padded, length)[:n]
    window = np.float32(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length))
    size = 2 * cv2.getOptimalDFTSize(length)
    total = np.zeros(size // 2 + 1)
    block = np.zeros((min(spectral.at_once(size, np.float32), n), size), np.float32)
    for first in range(0, n, len(block)):
        part = frames[first : first + len(block)]
        block[: len(part), :length] = part * window
        squares = np.maximum((block[: len(part)] ** 2).sum(axis=1, dtype=np.float64), np.finfo(np.float32).tiny)
        power = spectral.magnitude_of(cv2.dft(block[: len(part)], flags=cv2.DFT_ROWS)) ** 2
        total += (power / squares[:, None]).sum(axis=0)
    return scipy.fft.irfft(total, n=size)[:length] / n


def beats(onsets, bpm, *, sr, hop_length):
    """The frames of the beats, about `bpm` a minute, that best match the onsets (Ellis 2007): int64 (n_beats,).

    They maximise the sum of the onset strengths at the beats, less a penalty for uneven distances.
    """
    period = np.round(60 * sr / hop_length / bpm)
    strength = onsets / (onsets.std(ddof=1) + np.finfo(onsets.dtype).tiny)
    near = np.exp(-0.5 * (32 * np.arange(-period, period + 1) / period) ** 2)
    strength = np.convolve(strength, near)[len(near) // 2 :][: len(onsets)]
    total, before = _chained(strength, int(period))
    chain = [_last(total)]
    while before[chain[-1]] >= 0:
        chain.append(before[chain[-1]])
    frames = np.array(chain[::-1])
    return frames[_strong(strength, frames)]


def _chained(strength, period):
    """The greatest sum that ends in each frame, and the beat before it; -1 if there is none."""
    total, before = np.empty(len(strength)), np.full(len(strength), -1)
    back = np.arange(round(period / 2), 2 * period + 1)  # frames from a beat to the one before
    price = TIGHTNESS * (np.log(np.maximum(back, 1)) - np.log(period)) ** 2
    begun = False
    for i, own in enumerate(strength):
        possible = back <= i
        sums = total[i - back[possible]] - price[possible]
        best = int(sums.argmax()) if len(sums) else -1
        total[i] = own + (sums[best] if best >= 0 else 0)
        begun = begun or own >= 0.01 * strength.max()
        before[i] = i - back[best] if begun and best >= 0 else -1
    return total, before


def _last(total):
    """The last frame that is higher than its neighbours and than half of what such frames have in the middle."""
    peaks = np.flatnonzero(np.diff(total, prepend=np.inf) > 0)
    peaks = peaks[total[peaks] >= np.append(total, -np.inf)[peaks + 1]]
    peaks = peaks[total[peaks] >= 0.5 * np.median(total[peaks])] if len(peaks) else peaks
    return int(peaks[-1]) if len(peaks) else len(total) - 1


def _strong(strength, frames):
    """Which beats lie between the first and the last frame whose strength is above half the RMS of the beats."""
    smooth = np.convolve(strength[frames], np.hanning(5))[2 : len(strength) + 2]
    strong = np.flatnonzero(strength > 0.5 * np.sqrt(np.mean(smooth**2)))
    return (frames >= strong[0]) & (frames <= strong[-1])
