"""One row of numbers a clip: the columns of the genre dataset's published `features_30_sec.csv` ([R3]), and two more.

Every number is librosa's (tests/audio/test_tabular.py), but all come from one short-time spectrum that is computed
once, and the two median filters of the harmonic-percussive separation, nine tenths of the work, from `median`.
"""

from functools import lru_cache

import numpy as np

from sourcewise.audio import beats, median, spectral
from sourcewise.audio.spectral import kernel

N_MELS, N_MFCC, TOP_DB = 128, 20, 80  # librosa's own
_PAIRS = ["chroma_stft", "rms", "spectral_centroid", "spectral_bandwidth", "rolloff", "zero_crossing_rate"]
_PAIRS += ["harmony", "perceptr"]

#: The published columns in their order, without `filename` in front and `label` behind.
PUBLISHED = [
    "length",
    *(f"{name}_{statistic}" for name in _PAIRS for statistic in ("mean", "var")),
    "tempo",
    *(f"mfcc{k}_{statistic}" for k in range(1, N_MFCC + 1) for statistic in ("mean", "var")),
]
#: All columns; [R2] describes clips by mean and standard deviation of two of them.
COLUMNS = [*PUBLISHED, "rms_sd", "zero_crossing_rate_sd"]


def describe(y, *, sr, n_fft, hop_length):
    """The values of COLUMNS for a wave y, (n_samples,) in [-1, 1], as a float64 array (60,).

    Means and variances over frames; `harmony` and `perceptr` over the samples of the harmonic part and of what
    remains without it (median filters of 31 frames and bins). `length` is n_samples. `tempo` in beats a minute,
    of the beat tracker, 0 if there is no onset.
    """
    y = np.asarray(y, np.float32)
    packed = spectral.packed_spectra(y, n_fft=n_fft, hop_length=hop_length)
    magnitude = spectral.magnitude_of(packed)
    power = magnitude**2
    mel_db = spectral.limited(spectral.decibels(spectral.mel_of(packed, sr=sr, n_mels=N_MELS)), TOP_DB)
    centroid, bandwidth, rolloff = _shape(magnitude, np.fft.rfftfreq(n_fft, 1 / sr))
    rms, crossings = _levels(y, n_fft, hop_length, len(magnitude))
    _mask(packed, median.along_frames(magnitude), median.along_bins(magnitude))
    harmonic = spectral.wave(packed, hop_length=hop_length, length=len(y))
    chroma = _chroma(power, sr, n_fft)
    pairs = [chroma, rms, centroid, bandwidth, rolloff, crossings, harmonic, y - harmonic]
    row = [len(y), *(f(x) for x in pairs for f in (np.mean, np.var))]
    row.append(beats.tempo(_onsets(mel_db, n_fft, hop_length), sr=sr, hop_length=hop_length))
    coefficients = np.ascontiguousarray(spectral.cepstrum(mel_db, N_MFCC).T)
    row += np.stack([coefficients.mean(axis=1), coefficients.var(axis=1)], axis=1).ravel().tolist()
    return np.array([*row, np.std(rms), np.std(crossings)], dtype=np.float64)


@kernel
def _mask(packed, harmonic, percussive):
    """Scale each bin by the share of the harmonic part: squares of both medians; half where both are silent."""
    tiny = np.float32(1.1754944e-38)
    half = packed.shape[1] // 2
    for i in range(packed.shape[0]):
        for k in range(half + 1):
            a, b = harmonic[i, k], percussive[i, k]
            larger = max(a, b)
            share = np.float32(0.5)
            if larger >= tiny:
                a, b = (a / larger) ** 2, (b / larger) ** 2
                share = a / (a + b)
            if k > 0:
                packed[i, 2 * k - 1] *= share
            if k < half:
                packed[i, 2 * k] *= share


@kernel
def _shape(magnitude, hz):
    """Centroid and bandwidth of each frame in Hz, and the frequency below which 85 % of its magnitudes lie."""
    n = len(magnitude)
    centroid, bandwidth, rolloff = np.zeros(n), np.zeros(n), np.zeros(n)
    for i in range(n):
        row = magnitude[i]
        total, weighted = 0.0, 0.0
        for k in range(row.size):
            total += row[k]
            weighted += row[k] * hz[k]
        if total == 0:
            continue
        centroid[i] = weighted / total
        spread = 0.0
        for k in range(row.size):
            spread += row[k] * (hz[k] - centroid[i]) ** 2
        bandwidth[i] = np.sqrt(spread / total)
        below, k = np.float64(row[0]), 0
        while below < 0.85 * total:
            k += 1
            below += row[k]
        rolloff[i] = hz[k]
    return centroid, bandwidth, rolloff


@kernel
def _levels(y, frame_length, hop_length, n_frames):
    """Root mean square of each frame, silence beyond the ends; and changes of sign between its samples, a sample."""
    rms, crossings = np.empty(n_frames), np.empty(n_frames)
    for i in range(n_frames):
        begin = i * hop_length - frame_length // 2
        frame = y[max(begin, 0) : min(begin + frame_length, y.size)]
        squares, changes = np.float32(0), 0
        for k in range(frame.size):
            squares += frame[k] * frame[k]
        for k in range(1, frame.size):
            changes += (frame[k] < -1e-10) != (frame[k - 1] < -1e-10)
        rms[i] = np.sqrt(squares / frame_length)
        crossings[i] = changes / frame_length
    return rms, crossings


def _chroma(power, sr, n_fft):
    """Energy of the twelve pitch classes, each frame in units of its largest: (n_frames, 12)."""
    raw = _sums(power, _chroma_filters(sr, n_fft, _tuning(power, sr, n_fft)))
    largest = raw.max(axis=1, keepdims=True)
    return raw / np.where(largest < np.finfo(np.float32).tiny, 1, largest)


@lru_cache(maxsize=256)
def _chroma_filters(sr, n_fft, tuning):
    """How much each bin adds to each pitch class, C first, float32 (12, n_fft // 2 + 1); tuning in semitones.

    Gaussians around the semitones, as wide as a bin or a semitone, of which each bin has two deviations; weighted by
    another one around octave 5 (D. Ellis, Chroma feature analysis and synthesis, 2007). librosa's numbers, without its
    import, which takes a second, and ten before its functions are compiled.
    """
    hz = np.arange(1, n_fft) * (sr / n_fft)
    semitones = 12 * np.log2(hz / (440 / 16 * 2 ** (tuning / 12)))  # above A0
    semitones = np.concatenate([[semitones[0] - 18], semitones])  # the constant, an octave and a half lower
    width = np.append(np.maximum(np.diff(semitones), 1), 1)
    classes = np.arange(12)[:, None] - 9  # C is nine below A
    distance = np.remainder(semitones - classes + 6, 12) - 6
    weights = np.exp(-0.5 * (2 * distance / width) ** 2)
    weights /= np.sqrt((weights**2).sum(axis=0))
    weights *= np.exp(-0.5 * ((semitones / 12 - 5) / 2) ** 2)
    return np.ascontiguousarray(weights[:, : n_fft // 2 + 1], np.float32)


@kernel
def _sums(power, filters):
    """power @ filters.T, not by BLAS: its sums depend on its threads, which a Dask worker may have more of."""
    sums = np.empty((len(power), len(filters)), np.float32)
    for i in range(len(power)):
        row = power[i]
        for c in range(len(filters)):
            weights, total = filters[c], np.float32(0)
            for k in range(row.size):
                total += weights[k] * row[k]
            sums[i, c] = total
    return sums


def _tuning(power, sr, n_fft):
    """Deviation from A = 440 Hz in semitones, in steps of 0.01: the most frequent of the higher half of the peaks."""
    hz = np.fft.rfftfreq(n_fft, 1 / sr)
    low, high = np.searchsorted(hz, [150.0, min(4000.0, hz[-1])])
    pitches, heights = _peaks(power, max(low, 1), high, sr / n_fft)
    if not len(pitches):
        return 0.0
    pitches = pitches[heights >= np.median(heights)]
    residual = np.mod(12 * np.log2(pitches / (440 / 16)), 1.0)
    residual[residual >= 0.5] -= 1
    steps = np.linspace(-0.5, 0.5, 101)
    return float(steps[np.histogram(residual, steps)[0].argmax()])


@kernel
def _peaks(power, low, high, spacing):
    """Frequency and height of the peaks in the bins from low to high above a tenth of their frame's largest, by
    parabolas."""
    pitches = np.empty(len(power) * (max(high - low, 0) // 2 + 1), np.float32)
    heights = np.empty(len(pitches), np.float32)
    n = 0
    for i in range(len(power)):
        row = power[i]
        largest = row[0]
        for k in range(row.size):
            largest = max(largest, row[k])
        least = np.float32(0.1 * largest)
        for k in range(low, high):
            left = row[k - 1] if row[k - 1] > least else 0
            right = row[k + 1] if row[k + 1] > least else 0
            if row[k] > least and row[k] > left and row[k] >= right:
                curve = row[k + 1] + row[k - 1] - 2 * np.float64(row[k])
                slope = (np.float64(row[k + 1]) - row[k - 1]) / 2
                shift = -slope / curve if abs(slope) < abs(curve) else 0.0
                pitches[n] = (k + shift) * spacing
                heights[n] = row[k] + 0.5 * slope * shift
                n += 1
    return pitches[:n], heights[:n]


def _onsets(mel_db, n_fft, hop_length):
    """Onset strength: the median rise of each frame's bands, in dB, aligned with the sound."""
    rises = np.maximum(np.median(mel_db[1:] - mel_db[:-1], axis=1), 0)
    return beats.delayed(rises, n_fft=n_fft, hop_length=hop_length)
