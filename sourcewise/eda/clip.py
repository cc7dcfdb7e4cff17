"""Figures of one clip of sound: y, float32 (n_samples,) in [-1, 1], at a sample rate sr in Hz."""

import numpy as np

from sourcewise.audio import beats, median, spectral
from sourcewise.audio.tabular import N_MELS, N_MFCC, TOP_DB
from sourcewise.core.errors import count
from sourcewise.report import plots
from sourcewise.report.plots import Figure, axis, beside, coloraxis, layout, line, reduced, rounded

POINTS = 1000  # per line at most
CLOSE_UP_S = 0.02
BANDS = 64  # of a mel spectrogram
FRAME_S = 0.01  # of onsets: at 120 beats per minute 50 frames per beat
RANGE_DB = 80  # of all spectrograms, below the loudest value among them
DEVIATIONS = 3  # standard deviations, the range of scaled MFCC
FLOOR = 1e-12  # power, -120 dB
_TICKS_HZ = [500, 1000, 2000, 4000, 8000, 16000]


def waveform(y, *, sr):
    """Amplitude over time."""
    peak, rms = _db(np.max(y**2)), _db(np.mean(y**2, dtype=np.float64))
    description = f"{len(y) / sr:.2f} s. The peak level is {peak:.1f} dB re full scale, the RMS level {rms:.1f} dB."
    axes = {"xaxis": axis("time (s)"), "yaxis": axis("amplitude (of full scale)")}
    return Figure("waveform", "Waveform", description, [_wave(y, sr)], layout(**axes))


def spectrum(y, *, sr):
    """Magnitudes of the whole clip (Hann window), in dB re a full-scale sine; the largest of neighbouring bins."""
    power = (np.abs(np.fft.rfft(y * np.hanning(len(y) + 2)[1:-1])) * 4 / len(y)) ** 2
    hz, total = np.fft.rfftfreq(len(y), 1 / sr), np.cumsum(power)
    neighbours = np.array_split(np.arange(len(hz)), min(POINTS, len(hz)))
    loudest = np.array([few[power[few].argmax()] for few in neighbours])
    data = line(_db(power[loudest]), digits=1) | {"x": rounded(hz[loudest], 1)}
    description = f"The strongest frequency is {hz[power.argmax()]:,.0f} Hz; half of the power lies below "
    description += f"{hz[np.searchsorted(total, total[-1] / 2)]:,.0f} Hz."
    axes = {"xaxis": axis("frequency (Hz)"), "yaxis": axis("magnitude (dB re a full-scale sine)")}
    return Figure("spectrum", "Magnitude spectrum", description, [data], layout(**axes))


def loudest(y, *, sr, n_fft, hop_length):
    """The loudest value of the spectrogram in dB re a full-scale sine."""
    return float(_db(_linear_and_mel(y, sr, n_fft, hop_length)[0].max()))


def spectrograms(y, *, sr, n_fft, hop_length, high_db):
    """Linear frequency and mel side by side, both in the RANGE_DB below high_db."""
    linear, mel = _linear_and_mel(y, sr, n_fft, hop_length)
    left, right = beside()
    seconds, moment = len(y) / sr, linear.sum(axis=1).argmax() * hop_length / sr
    images = [
        _image(linear, seconds, (0, sr / 2)),
        _image(mel, seconds, (0, BANDS), xaxis="x2", yaxis="y2"),
    ]
    half = spectral.to_hz(spectral.to_mel(sr / 2) / 2)
    description = f"Loudest at {moment:.2f} s. Left: linear frequency. Right: {BANDS} mel bands, "
    description += f"the lower half of them below {half:,.0f} Hz. All clips share one dB scale."
    axes = {"xaxis": axis("time (s)") | left, "yaxis": axis("frequency (Hz)")}
    axes |= {"xaxis2": axis("time (s)") | right, "yaxis2": _mel_axis(sr, anchor="x2")}
    figure_layout = layout(**axes, coloraxis=coloraxis("dB", high_db - RANGE_DB, high_db))
    return Figure("spectrogram", "Spectrogram, linear and mel", description, images, figure_layout)


def parts(y, *, sr, n_fft, hop_length):
    """The harmonic and the percussive part, as in the columns `harmony` and `perceptr` of the feature table: each bin
    is divided by the squares of two running medians (Fitzgerald 2010)."""
    packed = spectral.packed_spectra(y, n_fft=n_fft, hop_length=hop_length)
    magnitude = spectral.magnitude_of(packed)
    along = median.along_frames(magnitude) ** 2
    both = along + median.along_bins(magnitude) ** 2
    share = np.divide(along, both, out=np.full_like(both, 0.5), where=both > 0)
    harmonic = spectral.wave(packed * np.repeat(share, 2, axis=1)[:, 1:-1], hop_length=hop_length, length=len(y))
    waves = np.stack([harmonic, y - harmonic])
    energy = np.sum(waves**2, axis=1, dtype=np.float64)
    percent = 100 * energy[0] / max(energy.sum(), FLOOR)
    description = f"The harmonic part (sustained sounds) has {percent:.0f} % of the energy, "
    description += f"the percussive part (onsets) {100 - percent:.0f} %."
    peak = plots.number(np.abs(waves).max(), 4) or 1
    data = [_wave(waves[0], sr), _wave(waves[1], sr) | {"yaxis": "y2"}]
    axes = {"xaxis": axis("time (s)", anchor="y2")}
    axes["yaxis"] = axis("harmonic<br>(of full scale)", domain=[0.54, 1], range=[-peak, peak])
    axes["yaxis2"] = axis("percussive<br>(of full scale)", domain=[0, 0.46], range=[-peak, peak])
    return Figure("parts", "Harmonic and percussive parts", description, data, layout(**axes, height=450))


def tempo(y, *, sr, n_fft):
    """Onset strength, the mean increase over all mel bands, and the beats (Ellis 2007)."""
    hop_length = max(round(FRAME_S * sr), 1)
    mel_db = spectral.log_mel(y, sr=sr, n_fft=n_fft, hop_length=hop_length, n_mels=N_MELS)
    onsets = beats.onsets(spectral.limited(mel_db, TOP_DB), n_fft=n_fft, hop_length=hop_length)
    bpm = beats.tempo(onsets, sr=sr, hop_length=hop_length)
    frames = beats.beats(onsets, bpm, sr=sr, hop_length=hop_length) if bpm else np.empty(0, int)
    description = "No beats were detected."
    if len(frames) > 1:
        description = f"{bpm:.0f} beats per minute, from {len(frames)} beats (dots). "
        description += "For sounds without a pulse this is meaningless."
    step = -(-len(onsets) // POINTS)
    strongest = np.maximum.reduceat(onsets, np.arange(0, len(onsets), step))
    data = [line(strongest, dx=step * hop_length / sr, digits=2, name="onset strength")]
    data.append(_dots(frames * hop_length / sr, onsets[frames], "beat"))
    axes = {"xaxis": axis("time (s)"), "yaxis": axis("onset strength (dB per frame)")}
    return Figure("tempo", "Onset strength and tempo", description, data, layout(**axes))


def crossings(y, *, sr):
    """A close-up around the loudest sample, with its zero crossings."""
    n = min(max(round(CLOSE_UP_S * sr), 2), len(y))
    first = int(np.clip(np.abs(y).argmax() - n // 2, 0, len(y) - n))
    changes = np.flatnonzero(np.diff(y < 0))
    rate, shown = len(changes) * sr / len(y), changes[(changes >= first) & (changes < first + n - 1)]
    share = y[shown] / (y[shown] - y[shown + 1])  # of a sample, where the line between two samples crosses zero
    description = f"In these {1000 * n / sr:.0f} ms the waveform crosses zero {len(shown)} times, "
    description += f"in the whole clip {rate:,.0f} times per second."
    data = [line(y[first : first + n], x0=1000 * first / sr, dx=1000 / sr, digits=5, name="wave")]
    data.append(_dots(1000 * (shown + share) / sr, np.zeros(len(shown)), "zero crossing"))
    axes = {"xaxis": axis("time (ms)"), "yaxis": axis("amplitude (of full scale)")}
    return Figure("crossings", "Zero crossings, close up", description, data, layout(**axes))


def cepstra(y, *, sr, n_fft, hop_length, mean, sd):
    """MFCC before and after standardising with the `mean` and `sd` of train, (N_MFCC,) each."""
    frames = spectral.mfcc(y, sr=sr, n_fft=n_fft, hop_length=hop_length, n_mels=N_MELS, n_mfcc=N_MFCC, top_db=TOP_DB)
    scaled = (frames - mean) / np.where(sd > 0, sd, 1)
    before, after = (reduced(x.T) for x in (frames, scaled))
    left, right = beside()
    extent = {"x": (0, len(y) / sr), "y": (0.5, N_MFCC + 0.5)}
    second = {"xaxis": "x2", "yaxis": "y2", "coloraxis": "coloraxis2"}
    data = [plots.heat(before, **extent), plots.heat(after, **extent, digits=1, **second)]
    before_sd, after_sd = frames.std(axis=0), scaled.std(axis=0)
    description = (
        f"Standard deviations of the first and the last coefficient: {before_sd[0]:.1f} and {before_sd[-1]:.1f} before "
        f"scaling, {after_sd[0]:.1f} and {after_sd[-1]:.1f} after. The scale is that of all train clips, not this one."
    )
    axes = {"xaxis": axis("time (s)") | left, "yaxis": axis("coefficient, unscaled")}
    axes |= {"xaxis2": axis("time (s)") | right, "yaxis2": axis("coefficient, scaled", anchor="x2")}
    bars = {"coloraxis": coloraxis("dB", before.min(), before.max(), above=left)}
    bars["coloraxis2"] = coloraxis("sd", -DEVIATIONS, DEVIATIONS, above=right)
    return Figure("mfcc", "MFCC before and after scaling", description, data, layout(**axes, **bars))


def copies(waves, names, *, sr, n_fft, hop_length, high_db):
    """Mel spectrograms of a clip and of its augmented copies, one below the other on one time axis.

    waves: the clip, then its copies; names: of the copies.
    """
    height, data, last = 1 / len(waves), [], str(len(waves)) if names else ""
    axes = {"xaxis": axis("time (s)", anchor=f"y{last}")}
    for k, (y, name) in enumerate(zip(waves, ["original", *names], strict=True)):
        number = str(k + 1) if k else ""
        mel = _linear_and_mel(y, sr, n_fft, hop_length)[1]
        data.append(_image(mel, len(y) / sr, (0, BANDS), columns=plots.COLUMNS // 2, yaxis=f"y{number}"))
        domain = rounded([1 - (k + 0.9) * height, 1 - k * height], 4)
        axes[f"yaxis{number}"] = _mel_axis(sr, title=f"{plots.text(name)}<br>(Hz, mel)", domain=domain)
    description = f"The clip, and below it {count(len(names), 'augmented copy', 'augmented copies')}: "
    description += f"{', '.join(names)}. Only train clips have such copies."
    figure_layout = layout(
        **axes, coloraxis=coloraxis("dB", high_db - RANGE_DB, high_db), height=120 + 160 * len(waves)
    )
    return Figure("copies", "Augmented versions", description, data, figure_layout)


def _linear_and_mel(y, sr, n_fft, hop_length):
    """Power re a full-scale sine, (n_frames, n_fft // 2 + 1), and its mean in each mel band, (n_frames, BANDS)."""
    packed = spectral.packed_spectra(y, n_fft=n_fft, hop_length=hop_length)
    full = (n_fft / 4) ** 2
    mel = spectral.mel_of(packed, sr=sr, n_mels=BANDS) * (sr / n_fft)  # Slaney's filters have an area of 1 Hz
    return spectral.magnitude_of(packed) ** 2 / full, mel / full


def _image(power, seconds, y, *, columns=plots.COLUMNS, **axes):
    decibels = np.maximum(_db(reduced(power.T, columns=columns)), -127)
    return plots.heat(decibels, x=(0, seconds), y=y, **axes)


def _mel_axis(sr, *, title="mel scale (Hz)", **more):
    ticks = [hz for hz in _TICKS_HZ if hz < sr / 2]
    bands = (BANDS + 1) * spectral.to_mel(np.array(ticks, float)) / spectral.to_mel(sr / 2)
    return axis(title, tickvals=rounded(bands - 0.5, 2), ticktext=[f"{hz:,}" for hz in ticks], **more)


def _wave(y, sr):
    """A line; with more samples than POINTS, through the minima and maxima of neighbouring samples."""
    if len(y) <= POINTS:
        return line(y, dx=1 / sr)
    step = -(-2 * len(y) // POINTS)
    starts = np.arange(0, len(y), step)
    both = np.stack([np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)], axis=1)
    return line(both.ravel(), dx=step / 2 / sr)


def _dots(x, y, name):
    marks = {"mode": "markers", "marker": {"size": 8, "color": plots.colour(0.75)}, "name": name}
    return {"type": "scatter", **marks, "x": rounded(x, 5), "y": rounded(y, 2)}


def _db(power):
    return 10 * np.log10(np.maximum(power, FLOOR))
