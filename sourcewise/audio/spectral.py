"""From waves to frames and back: short-time spectra, the log-mel spectrogram, MFCC.

Frames are computed a block at a time, by OpenCV's FFT of the rows of a small array that stays in the processor's
cache, and reduced there: on a whole clip memory traffic costs more than arithmetic. One thread; librosa's numbers
(tests/audio/test_spectral.py), for which the frames of `log_mel` are float64: a band 130 dB below another one is lost
in the rounding of a float32 transform.
"""

from functools import cached_property, lru_cache, update_wrapper

import cv2
import numpy as np
import scipy

FLOOR = 1e-10  # power below which all is -100 dB
BLOCK_BYTES = 1 << 19  # fewer, and two threads wait for each other's Python between the blocks

cv2.setNumThreads(1)  # clips run side by side instead


class kernel:
    """A function of arrays, compiled by numba at its first call, and cached (compute/numba_cache.py); without
    Python's lock, and with options that vectorise loops: sums in any order, no check for a division by zero.

    Importing it does not wait for numba.
    """

    def __init__(self, function):
        update_wrapper(self, function)

    def __call__(self, *arrays):
        """What the function gives."""
        return self._compiled(*arrays)

    @cached_property
    def _compiled(self):
        from numba import njit

        names = self.__wrapped__.__globals__
        for name in self.__wrapped__.__code__.co_names:  # numba calls compiled kernels only
            if isinstance(names.get(name), kernel):
                names[name] = names[name]._compiled
        return njit(nogil=True, cache=True, error_model="numpy", fastmath={"reassoc", "contract"})(self.__wrapped__)


def log_mel(y, *, sr, n_fft, hop_length, n_mels):
    """Log-mel power spectrogram in dB re full scale, float32 (1 + n_samples // hop_length, n_mels).

    y: (n_samples,) in [-1, 1]. Hann window, frames centred, zeros beyond the ends, Slaney filters from 0 to sr / 2,
    nothing below -100 dB; no scaling that depends on the clip.
    """
    filters = _sparse_filters(sr, n_fft, n_mels)
    mel = np.empty((n_frames(len(y), hop_length), n_mels), np.float32)
    for start, packed in _blocks(y, n_fft, hop_length, np.float64):
        _mel(packed, *filters, mel[start : start + len(packed)])
    return decibels(mel)


def mel_of(packed, *, sr, n_mels):
    """Mel power, float32 (n_frames, n_mels), of packed spectra."""
    mel = np.empty((len(packed), n_mels), np.float32)
    _mel(packed, *_sparse_filters(sr, packed.shape[1], n_mels), mel)
    return mel


def mfcc(y, *, n_mfcc, top_db, **mel):
    """The first n_mfcc cosine coefficients (orthonormal type II) of each frame of `log_mel`, (n_frames, n_mfcc).

    top_db: values further below the clip's loudest are raised to there first (librosa: 80); None: none are.
    """
    return cepstrum(limited(log_mel(y, **mel), top_db), n_mfcc)


def cepstrum(mel_db, n_mfcc):
    """Cosine coefficients of log-mel frames, float32 (n_frames, n_mfcc)."""
    return scipy.fft.dct(mel_db, axis=1, norm="ortho")[:, :n_mfcc]


def limited(db, top_db):
    """Values clipped to top_db below the loudest; unchanged if top_db is None."""
    return db if top_db is None else np.maximum(db, db.max() - top_db)


def decibels(power):
    """10 log10 of power, not below FLOOR; in place."""
    np.maximum(power, np.float32(FLOOR), out=power)
    np.log(power, out=power)
    power *= np.float32(10 / np.log(10))
    return power


def packed_spectra(y, *, n_fft, hop_length):
    """Short-time spectra, Hann, centred, zeros beyond the ends, as OpenCV packs them: float32 (n_frames, n_fft), a
    row holding re 0, re 1, im 1, re 2, im 2, ... re n_fft / 2."""
    packed = np.empty((n_frames(len(y), hop_length), n_fft), np.float32)
    for start, block in _blocks(y, n_fft, hop_length, np.float32):
        packed[start : start + len(block)] = block
    return packed


def magnitude(y, *, n_fft, hop_length):
    """Magnitudes of the short-time spectra, float32 (n_frames, n_fft // 2 + 1); a full-scale sine has n_fft / 4."""
    return magnitude_of(packed_spectra(y, n_fft=n_fft, hop_length=hop_length))


@kernel
def magnitude_of(packed):
    """Magnitudes, float32 (n_frames, n_fft // 2 + 1), of packed spectra."""
    half = packed.shape[1] // 2
    magnitude = np.empty((packed.shape[0], half + 1), np.float32)
    for i in range(packed.shape[0]):
        row = packed[i]
        magnitude[i, 0], magnitude[i, half] = abs(row[0]), abs(row[2 * half - 1])
        for k in range(1, half):
            magnitude[i, k] = np.sqrt(row[2 * k - 1] * row[2 * k - 1] + row[2 * k] * row[2 * k])
    return magnitude


def wave(packed, *, hop_length, length):
    """The wave, float32 (length,), of packed spectra: overlapped, added, divided by the windows' squared sum."""
    window = _window(packed.shape[1], np.float32)
    y, weight = np.zeros(length, np.float32), np.zeros(length, np.float32)
    step = at_once(packed.shape[1], np.float32)
    for start in range(0, len(packed), step):
        frames = cv2.idft(packed[start : start + step], flags=cv2.DFT_ROWS | cv2.DFT_SCALE | cv2.DFT_REAL_OUTPUT)
        _overlap_add(frames, start, hop_length, window, y, weight)
    return np.divide(y, weight, out=y, where=weight > np.finfo(np.float32).tiny)


def n_frames(n_samples, hop_length):
    """How many frames a clip has."""
    return 1 + n_samples // hop_length


@lru_cache(maxsize=32)
def mel_filters(sr, n_fft, n_mels):
    """Slaney's triangular filters of equal area, float32 (n_mels, n_fft // 2 + 1), from 0 to sr / 2.

    The scale is linear up to 1,000 Hz (15 mel) and logarithmic above: M. Slaney, Auditory Toolbox, 1998.
    """
    highest = to_mel(sr / 2)
    edges = to_hz(np.linspace(0, highest, n_mels + 2))
    bins = np.fft.rfftfreq(n_fft, 1 / sr)
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    triangles = np.maximum(0, np.minimum(rising, falling))
    filters = (triangles.astype(np.float32) * (2 / (edges[2:] - edges[:-2]))[:, None]).astype(np.float32)
    filters.setflags(write=False)
    return filters


def to_mel(hz):
    """Frequencies on Slaney's mel scale, as `mel_filters` has it."""
    return np.where(hz < 1000, hz * 3 / 200, 15 + 27 * np.log(np.maximum(hz, 1000) / 1000) / np.log(6.4))


def to_hz(mel):
    """The reverse."""
    return np.where(mel < 15, mel * 200 / 3, 1000 * 6.4 ** ((mel - 15) / 27))


@lru_cache(maxsize=32)
def _sparse_filters(sr, n_fft, n_mels):
    """The filters as the first and the last + 1 bin of each band, and the weights of all, one after another."""
    filters = mel_filters(sr, n_fft, n_mels)
    inside = filters > 0
    first = np.where(inside.any(axis=1), inside.argmax(axis=1), 0)
    last = np.where(inside.any(axis=1), inside.shape[1] - inside[:, ::-1].argmax(axis=1), 0)
    weights = np.concatenate([row[a:b] for row, a, b in zip(filters, first, last, strict=True)])
    return first, last, weights


@lru_cache(maxsize=32)
def _window(n_fft, dtype):
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)).astype(dtype)


def at_once(n_fft, dtype):
    """How many frames a block has."""
    return max(1, BLOCK_BYTES // (n_fft * np.dtype(dtype).itemsize))


def _blocks(y, n_fft, hop_length, dtype):
    """Yield (number of the first frame, packed spectra) of some frames. Each block overwrites the former."""
    y = np.asarray(y, np.float32)
    n = n_frames(len(y), hop_length)
    frames = np.empty((min(at_once(n_fft, dtype), n), n_fft), dtype)
    for start in range(0, n, len(frames)):
        block = frames[: n - start]
        _cut(y, start, hop_length, _window(n_fft, dtype), block)
        yield start, cv2.dft(block, dst=block, flags=cv2.DFT_ROWS)


@kernel
def _cut(y, start, hop_length, window, frames):
    """Fill frames with windowed parts of y. As below: loops over slices, not over offsets, become vectors."""
    n_fft = window.size
    for i in range(len(frames)):
        begin = (start + i) * hop_length - n_fft // 2
        low = max(0, -begin)
        high = max(low, min(n_fft, y.size - begin))  # empty for a frame that begins beyond the end
        frame = frames[i]
        frame[:low], frame[high:] = 0, 0
        inside, samples, weights = frame[low:high], y[begin + low : begin + high], window[low:high]
        for k in range(inside.size):
            inside[k] = samples[k] * weights[k]


@kernel
def _mel(packed, first, last, weights, mel):
    half = packed.shape[1] // 2
    power = np.empty(half + 1, packed.dtype)
    for i in range(len(packed)):
        row = packed[i]
        power[0], power[half] = row[0] * row[0], row[2 * half - 1] * row[2 * half - 1]
        for k in range(1, half):
            power[k] = row[2 * k - 1] * row[2 * k - 1] + row[2 * k] * row[2 * k]
        done = 0
        for band in range(first.size):
            inside = power[first[band] : last[band]]
            weight = weights[done : done + inside.size]
            total = 0 * power[0]
            for k in range(inside.size):
                total += weight[k] * inside[k]
            mel[i, band] = total
            done += inside.size


@kernel
def _overlap_add(waves, start, hop_length, window, y, weight):
    n_fft = window.size
    for i in range(len(waves)):
        begin = (start + i) * hop_length - n_fft // 2
        low = max(0, -begin)
        high = max(low, min(n_fft, y.size - begin))  # empty for a frame that begins beyond the end
        added, weights, frame, part = (
            y[begin + low : begin + high],
            weight[begin + low : begin + high],
            waves[i, low:high],
            window[low:high],
        )
        for k in range(part.size):
            added[k] += frame[k] * part[k]
            weights[k] += part[k] * part[k]
