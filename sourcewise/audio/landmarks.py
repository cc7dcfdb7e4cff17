"""Landmarks: pairs and triples of spectrogram peaks, hashed to numbers that another copy of the same sound has, too,
even if it is louder, cut, compressed, noisy or slightly stretched.

Peaks and their constellations are those of A. Wang, An Industrial-Strength Audio Search Algorithm, ISMIR 2003; triples
remain distinctive in datasets so large that pairs are not.
"""

import cv2
import numpy as np

from sourcewise.audio.spectral import magnitude

WINDOW_S = 0.064  # about; a power of two samples
HOPS = 8  # steps a window
NEAR = 7, 11  # frames and bins around a peak that hold no higher one
RANGE = 10 ** (-50 / 20)  # below a piece's highest value no peak counts
NEXT = 8  # peaks that a peak is paired with
TRIPLES = 3  # peaks from one to the next of three
APART = 75  # frames between the first and the last at most
KEPT = 1500  # numbers a clip
PIECE_S = 10  # held as a spectrogram at a time


def landmarks(y, *, sr):
    """(numbers uint32, times int32), at most KEPT of a clip, (n_samples,) in any scale; times in `step(sr)` samples.

    Of more than KEPT the smallest numbers are kept, so that two copies keep the same.
    """
    times, bins = _peaks(y, sr)
    numbers, starts = [], []
    for d in range(1, NEXT + 1):
        numbers.append(_constellation(times, bins, d))
        starts.append(times[: len(numbers[-1])])
    for d in range(1, TRIPLES + 1):
        for e in range(1, TRIPLES + 1):
            numbers.append(_constellation(times, bins, d, d + e))
            starts.append(times[: len(numbers[-1])])
    numbers, starts = np.concatenate(numbers), np.concatenate(starts)
    apart = numbers != FAR
    numbers, starts = numbers[apart], starts[apart]
    if len(numbers) > KEPT:
        least = np.argpartition(numbers, KEPT)[:KEPT]
        numbers, starts = numbers[least], starts[least]
    return numbers, starts.astype(np.int32)


def step(sr):
    """Samples from one frame to the next."""
    return _window(sr) // HOPS


def _window(sr):
    return 2 ** round(np.log2(WINDOW_S * sr))


def _peaks(y, sr):
    """Frames and bins of the peaks, in order of time."""
    length = PIECE_S * sr // step(sr) * step(sr)
    starts = range(0, len(y), length)
    parts = [_peaks_of(y[start : start + length], sr) + [[start // step(sr)], [0]] for start in starts]  # noqa: RUF005
    return np.concatenate(parts, axis=1)


def _peaks_of(piece, sr):
    heights = magnitude(piece.astype(np.float32), n_fft=_window(sr), hop_length=step(sr))
    highest = cv2.dilate(heights, np.ones(NEAR, np.uint8))
    is_peak = (heights == highest) & (heights > max(heights.max() * RANGE, 1e-9))
    is_peak[:, :3] = False  # the direct current and the bins beside it
    return np.stack(is_peak.nonzero())


FAR = np.uint32(0xFFFFFFFF)


def _constellation(times, bins, *others):
    """The number of each peak with those that come so many peaks later; FAR where these lie too far away."""
    n = max(len(times) - others[-1], 0)
    number = bins[:n].astype(np.uint64)
    for d in others:
        later = (times[d : d + n] - times[:n]) // 2  # two frames are one, for copies that are cut between frames
        number = _mixed(number, bins[d : d + n].astype(np.uint64) << np.uint64(16) | later.astype(np.uint64))
    folded = (number >> np.uint64(32)).astype(np.uint32)
    return np.where(times[others[-1] : others[-1] + n] - times[:n] <= APART, folded, FAR)


def _mixed(a, b):
    """Two numbers hashed to one, uint64: the finaliser of splitmix64."""
    z = a * np.uint64(0x9E3779B97F4A7C15) + b + np.uint64(0x632BE59BD9B4E019)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
