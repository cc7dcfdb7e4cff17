"""Figures of one clip of sound: y, float32 (n_samples,) in [-1, 1], at a sample rate sr in Hz."""

import librosa
import numpy as np

from stages.audio import spectral
from stages.audio.table import N_MELS, N_MFCC, TOP_DB
from stages.exploring.plot import (
    COLUMNS,
    Figure,
    axis,
    beside,
    coloraxis,
    colour,
    heat,
    layout,
    line,
    reduced,
    rounded,
    text,
)

POINTS = 1000  # of a line at most
CLOSE_UP_S = 0.02
BANDS = 64  # of a mel spectrogram
FRAME_S = 0.01  # of onsets: at 120 beats a minute 50 frames a beat
RANGE_DB = 80  # of all spectrograms, below the loudest value among them
DEVIATIONS = 3  # up to which scaled MFCC are told apart
FLOOR = 1e-12  # power, -120 dB
_TICKS_HZ = [500, 1000, 2000, 4000, 8000, 16000]


def waveform(y, *, sr):
    """Amplitude over time."""
    peak, rms = _db(np.max(y**2)), _db(np.mean(y**2, dtype=np.float64))
    said = f"{len(y) / sr:.2f} s. The loudest sample has {peak:.1f} dB re full scale, the mean (RMS) is {rms:.1f} dB."
    axes = {"xaxis": axis("time (s)"), "yaxis": axis("amplitude (of full scale)")}
    return Figure("waveform", "Waveform", said, [_wave(y, sr)], layout(**axes))


def spectrum(y, *, sr):
    """Magnitudes of the whole clip (Hann window), in dB re a full-scale sine; of neighbours the largest."""
    power = (np.abs(np.fft.rfft(y * np.hanning(len(y) + 2)[1:-1])) * 4 / len(y)) ** 2
    hz, total = np.fft.rfftfreq(len(y), 1 / sr), np.cumsum(power)
    loudest = np.array(
        [part[power[part].argmax()] for part in np.array_split(np.arange(len(hz)), min(POINTS, len(hz)))]
    )
    data = line(_db(power[loudest]), digits=1) | {"x": rounded(hz[loudest], 1)}
    said = f"The strongest frequency is {hz[power.argmax()]:,.0f} Hz; half of the power lies below "
    said += f"{hz[np.searchsorted(total, total[-1] / 2)]:,.0f} Hz."
    axes = {"xaxis": axis("frequency (Hz)"), "yaxis": axis("magnitude (dB re a full-scale sine)")}
    return Figure("spectrum", "Magnitude spectrum", said, [data], layout(**axes))


def loudest(y, *, sr, n_fft, hop_length):
    """The loudest value of the spectrogram in dB re a full-scale sine."""
    return float(_db(_linear_and_mel(y, sr, n_fft, hop_length)[0].max()))


def spectrograms(y, *, sr, n_fft, hop_length, high_db):
    """Linear frequency beside mel, both in the range of dB that ends at high_db."""
    linear, mel = _linear_and_mel(y, sr, n_fft, hop_length)
    left, right = beside()
    seconds, moment = len(y) / sr, linear.sum(axis=1).argmax() * hop_length / sr
    pictures = [
        _picture(linear, seconds, (0, sr / 2)),
        _picture(mel, seconds, (0, BANDS), xaxis="x2", yaxis="y2"),
    ]
    half = librosa.mel_to_hz(librosa.hz_to_mel(sr / 2) / 2)
    said = (
        f"Loudest at {moment:.2f} s. On the left all frequencies have equal room; on the right, in {BANDS} mel bands, "
    )
    said += f"the lower half of the picture is what lies below {half:,.0f} Hz. One scale of dB for all clips."
    axes = {"xaxis": axis("time (s)") | left, "yaxis": axis("frequency (Hz)")}
    axes |= {"xaxis2": axis("time (s)") | right, "yaxis2": _mel_axis(sr, anchor="x2")}
    how = layout(**axes, coloraxis=coloraxis("dB", high_db - RANGE_DB, high_db))
    return Figure("spectrogram", "Spectrogram, linear and mel", said, pictures, how)


def parts(y, *, n_fft, hop_length, sr):
    """The harmonic and the percussive part: median filters of the spectrogram, Fitzgerald 2010."""
    both = librosa.effects.hpss(y, n_fft=n_fft, hop_length=hop_length)
    energy = [float(np.sum(part**2, dtype=np.float64)) for part in both]
    share = 100 * energy[0] / max(sum(energy), FLOOR)
    said = f"The harmonic part, what sounds on, holds {share:.0f} % of the energy of both, "
    said += f"the percussive part, what strikes, {100 - share:.0f} %."
    if not sum(energy):
        said = "The clip is silent: there are no parts."
    most = float(np.max(np.abs(both))) or 1.0
    data = [_wave(both[0], sr), _wave(both[1], sr) | {"yaxis": "y2"}]
    axes = {"xaxis": axis("time (s)", anchor="y2")}
    axes["yaxis"] = axis("harmonic<br>(of full scale)", domain=[0.54, 1], range=[-most, most])
    axes["yaxis2"] = axis("percussive<br>(of full scale)", domain=[0, 0.46], range=[-most, most])
    return Figure("parts", "Harmonic and percussive parts", said, data, layout(**axes, height=450))


def tempo(y, *, sr):
    """Onset strength, librosa's, and the beats that its tracker finds in it (Ellis 2007)."""
    hop_length = max(round(FRAME_S * sr), 1)
    onsets = librosa.onset.onset_strength(y=y, sr=sr, hop_length=hop_length)
    bpm, beats = librosa.beat.beat_track(onset_envelope=onsets, sr=sr, hop_length=hop_length)
    said = "No beat is found."
    if len(beats) > 1:
        said = (
            f"{np.ravel(bpm)[0]:.0f} beats a minute, from {len(beats)} beats (dots). Without a pulse this says nothing."
        )
    step = -(-len(onsets) // POINTS)
    strongest = np.maximum.reduceat(onsets, np.arange(0, len(onsets), step))
    data = [line(strongest, dx=step * hop_length / sr, digits=2, name="onset strength")]
    marks = {"mode": "markers", "marker": {"size": 8, "color": colour(0.75)}, "name": "beat"}
    places = {"x": rounded(beats * hop_length / sr, 3), "y": rounded(onsets[beats], 2)}
    data.append({"type": "scatter", **marks, **places})
    axes = {"xaxis": axis("time (s)"), "yaxis": axis("onset strength (dB a frame)")}
    return Figure("tempo", "Onset strength and tempo", said, data, layout(**axes))


def crossings(y, *, sr):
    """A close-up around the loudest sample, and where the wave changes its sign."""
    n = min(max(round(CLOSE_UP_S * sr), 2), len(y))
    first = int(np.clip(np.abs(y).argmax() - n // 2, 0, len(y) - n))
    changes = np.flatnonzero(np.diff(y < 0))
    rate, here = len(changes) * sr / len(y), changes[(changes >= first) & (changes < first + n - 1)]
    share = y[here] / (y[here] - y[here + 1])  # of a sample, where the line between two meets zero
    said = f"In these {1000 * n / sr:.0f} ms the wave crosses zero {len(here)} times, "
    said += f"in the whole clip {rate:,.0f} times a second."
    data = [line(y[first : first + n], x0=1000 * first / sr, dx=1000 / sr, digits=5, name="wave")]
    marks = {"mode": "markers", "marker": {"size": 8, "color": colour(0.75)}, "name": "zero crossing"}
    data.append({"type": "scatter", **marks, "x": rounded(1000 * (here + share) / sr, 3), "y": [0] * len(here)})
    axes = {"xaxis": axis("time (ms)"), "yaxis": axis("amplitude (of full scale)")}
    return Figure("crossings", "Zero crossings, close up", said, data, layout(**axes))


def cepstra(y, *, sr, n_fft, hop_length, mean, sd):
    """MFCC, and the same less `mean` and over `sd`, (N_MFCC,) each, which are those of train."""
    frames = spectral.mfcc(y, sr=sr, n_fft=n_fft, hop_length=hop_length, n_mels=N_MELS, n_mfcc=N_MFCC, top_db=TOP_DB)
    scaled = (frames - mean) / np.where(sd > 0, sd, 1)
    before, after = (reduced(x.T) for x in (frames, scaled))
    left, right = beside(gap=0.22)
    place = {"x": (0, len(y) / sr), "y": (0.5, N_MFCC + 0.5)}
    second = {"xaxis": "x2", "yaxis": "y2", "coloraxis": "coloraxis2"}
    data = [heat(before, **place), heat(after, **place, digits=1, **second)]
    said = (
        f"Before, the first coefficient varies by {frames[:, 0].std():.1f} and the last by {frames[:, -1].std():.1f} "
    )
    said += "(standard deviations), so that the first outweighs all others; after, with each coefficient less its mean "
    said += f"and over its deviation in train, by {scaled[:, 0].std():.1f} and {scaled[:, -1].std():.1f}."
    axes = {"xaxis": axis("time (s)") | left, "yaxis": axis("coefficient, as it is")}
    axes |= {"xaxis2": axis("time (s)") | right, "yaxis2": axis("coefficient, scaled", anchor="x2")}
    bars = {"coloraxis": coloraxis("dB", before.min(), before.max(), x=0.4)}
    bars["coloraxis2"] = coloraxis("sd", -DEVIATIONS, DEVIATIONS)
    return Figure("mfcc", "MFCC before and after scaling", said, data, layout(**axes, **bars))


def copies(waves, names, *, sr, n_fft, hop_length, high_db):
    """Mel spectrograms of a clip and of its augmented copies, one below the other on one axis of time.

    waves: the clip, then its copies; names: of the copies.
    """
    room, data, axes = 1 / len(waves), [], {"xaxis": axis("time (s)", anchor="y" + str(len(waves)) * (len(waves) > 1))}
    for k, (y, name) in enumerate(zip(waves, ["original", *names], strict=True)):
        number = str(k + 1) if k else ""
        mel = _linear_and_mel(y, sr, n_fft, hop_length)[1]
        data.append(_picture(mel, len(y) / sr, (0, BANDS), columns=COLUMNS // 2, yaxis=f"y{number}"))
        domain = [1 - (k + 0.9) * room, 1 - k * room]
        axes[f"yaxis{number}"] = _mel_axis(sr, title=f"{text(name)}<br>(Hz, mel)", domain=domain)
    said = f"The clip on top and {len(names)} augmented {'copy' if len(names) == 1 else 'copies'} of it below: "
    said += f"{', '.join(names)}. Only train clips have such copies."
    how = layout(**axes, coloraxis=coloraxis("dB", high_db - RANGE_DB, high_db), height=120 + 160 * len(waves))
    return Figure("copies", "Augmented versions", said, data, how)


def _linear_and_mel(y, sr, n_fft, hop_length):
    """Power over a full-scale sine's, (n_frames, n_fft // 2 + 1), and its mean in each mel band, (n_frames, BANDS)."""
    packed = spectral.packed_spectra(y, n_fft=n_fft, hop_length=hop_length)
    full = (n_fft / 4) ** 2
    mel = spectral.mel_of(packed, sr=sr, n_mels=BANDS) * (sr / n_fft)  # Slaney's filters have an area of 1 Hz
    return spectral.magnitude_of(packed) ** 2 / full, mel / full


def _picture(power, seconds, y, *, columns=COLUMNS, **axes):
    decibels = np.maximum(_db(reduced(power.T, columns=columns)), -127)
    return heat(decibels, x=(0, seconds), y=y, **axes)


def _mel_axis(sr, *, title="frequency (Hz, mel scale)", **more):
    ticks = [hz for hz in _TICKS_HZ if hz < sr / 2]
    places = (BANDS + 1) * librosa.hz_to_mel(np.array(ticks, float)) / librosa.hz_to_mel(sr / 2)
    return axis(title, tickvals=rounded(places - 0.5, 2), ticktext=[f"{hz:,}" for hz in ticks], **more)


def _wave(y, sr):
    """A line; where there are more samples than points, through the least and the greatest of neighbours."""
    step = -(-2 * len(y) // POINTS) if len(y) > POINTS else 1
    if step == 1:
        return line(y, dx=1 / sr)
    starts = np.arange(0, len(y), step)
    both = np.stack([np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)], axis=1)
    return line(both.ravel(), dx=step / 2 / sr)


def _db(power):
    return 10 * np.log10(np.maximum(power, FLOOR))
