import json
import warnings

import numpy as np
import pytest

from sourcewise.eda import clip
from tests.audio.signals import SIGNALS
from tests.audio.signals import SR as SIGNALS_SR
from tests.conftest import tone
from tests.eda.shown import along, cells

SR = 16_000
FRAMES = {"sr": SR, "n_fft": 1024, "hop_length": 256}


def _clicks(bpm, seconds=8.0):
    y = np.zeros(int(seconds * SR), np.float32)
    y[SR // 4 :: round(60 / bpm * SR)] = 0.9
    return y


def _noise(seconds=2.0):
    return np.random.default_rng(0).normal(0, 0.1, int(seconds * SR)).astype(np.float32)


def _figures(y, sr):
    frames = {"sr": sr, "n_fft": 1024, "hop_length": 256}
    yield clip.waveform(y, sr=sr)
    yield clip.spectrum(y, sr=sr)
    yield clip.spectrograms(y, high_db=clip.loudest(y, **frames), **frames)
    yield clip.parts(y, **frames)
    yield clip.tempo(y, sr=sr, n_fft=1024)
    yield clip.crossings(y, sr=sr)
    yield clip.cepstra(y, mean=np.zeros(20), sd=np.ones(20), **frames)
    yield clip.copies([y, y], ["again"], high_db=0, **frames)


def test_the_spectrum_of_a_tone_peaks_at_its_frequency_and_level():
    figure = clip.spectrum(tone(440, peak=0.5), sr=SR)
    (line,) = figure.data
    top = np.argmax(line["y"])
    assert (line["x"][top], line["y"][top]) == (440, -6.0)
    assert "strongest frequency is 440 Hz" in figure.text


def test_a_long_wave_keeps_its_extremes_and_its_length():
    y = np.concatenate([tone(100, seconds=10, peak=0.25), [0.75, -0.5]])
    (line,) = clip.waveform(y, sr=SR).data
    assert len(line["y"]) <= clip.POINTS + 2
    assert (max(line["y"]), min(line["y"])) == (0.75, -0.5)
    assert along(line, "x")[-1] == pytest.approx(10, abs=0.02)


def test_a_tone_lies_at_its_frequency_linear_and_mel():
    y = np.concatenate([np.zeros(SR), tone(2000, seconds=1)]).astype(np.float32)
    figure = clip.spectrograms(y, high_db=-6, **FRAMES)
    linear, mel = figure.data
    row, column = np.unravel_index(cells(linear).argmax(), cells(linear).shape)
    assert along(linear, "y")[row] == pytest.approx(2000, abs=63)  # 8,000 Hz in 128 rows
    assert along(linear, "x")[column] > 1
    axis = figure.layout["yaxis2"]
    tick = axis["tickvals"][axis["ticktext"].index("2,000")]
    assert along(mel, "y")[cells(mel).max(axis=1).argmax()] == pytest.approx(tick, abs=1)


def test_linear_and_mel_are_in_the_same_decibels():
    linear, mel = (cells(trace).mean() for trace in clip.spectrograms(_noise(), high_db=0, **FRAMES).data)
    # the power of noise of deviation s in a bin, over a full-scale sine's: s² * 1.5 * 4 / n_fft, -42.3 dB
    assert linear == pytest.approx(-42.3, abs=1.5)
    assert mel == pytest.approx(linear, abs=1.5)


@pytest.mark.parametrize(
    ("y", "harmonic", "percussive"),
    [(tone(440, seconds=2), 100, 0), (_clicks(120), 0, 100)],
)
def test_a_tone_is_harmonic_and_clicks_are_percussive(y, harmonic, percussive):
    figure = clip.parts(y.astype(np.float32), **FRAMES)
    numbers = [int(word) for word in figure.text.replace("%", "").split() if word.isdigit()]
    assert numbers == pytest.approx([harmonic, percussive], abs=5)
    assert np.max(figure.data[0]["y"]) == pytest.approx(0.5 if harmonic else 0, abs=0.1)


def test_120_clicks_a_minute_are_120_beats_a_minute():
    figure = clip.tempo(_clicks(120), sr=SR, n_fft=1024)
    assert figure.text.startswith("120 beats per minute")
    assert np.diff(figure.data[1]["x"]) == pytest.approx(0.5, abs=0.011)  # a frame is 0.01 s
    assert clip.tempo(_clicks(90), sr=SR, n_fft=1024).text.startswith("90 beats per minute")


def test_a_tone_crosses_zero_twice_a_period():
    figure = clip.crossings(tone(440, seconds=1), sr=SR)
    assert "in the whole clip 879 times per second" in figure.text  # the first one is its first sample
    assert np.diff(figure.data[1]["x"]) == pytest.approx(1000 / 880, abs=0.01)
    assert 17 <= len(figure.data[1]["x"]) <= 18 and f"crosses zero {len(figure.data[1]['x'])} times" in figure.text


def test_scaled_coefficients_are_less_the_mean_and_over_the_deviation_that_are_given():
    mean, sd = np.arange(20.0), np.linspace(1, 20, 20)
    before, after = (cells(trace) for trace in clip.cepstra(_noise(), mean=mean, sd=sd, **FRAMES).data)
    assert before.shape == after.shape == (20, 126)
    # before is rounded to whole numbers, after to tenths
    assert after == pytest.approx((before - mean[:, None]) / sd[:, None], abs=0.56)


def test_copies_stand_in_a_column_below_the_clip():
    figure = clip.copies([_noise(), _noise(1.0), _noise()], ["<b>a", "b"], high_db=-40, **FRAMES)
    axes = [figure.layout[name] for name in ("yaxis", "yaxis2", "yaxis3")]
    assert [axis["title"]["text"].split("<br>")[0] for axis in axes] == ["original", "&lt;b&gt;a", "b"]
    lows = [axis["domain"][0] for axis in axes]
    assert lows == sorted(lows, reverse=True)
    ends = [along(trace, "x")[-1] + trace["dx"] / 2 for trace in figure.data]
    assert ends == pytest.approx([2, 1, 2], abs=1e-3)


@pytest.mark.parametrize("name", SIGNALS)
def test_any_sound_has_its_figures_of_finite_numbers_with_titles_of_axes_and_no_ground(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figures = list(_figures(SIGNALS[name], SIGNALS_SR))
    for figure in figures:
        json.dumps([figure.data, figure.layout], allow_nan=False)
        axes = [value for key, value in figure.layout.items() if key[:5] in ("xaxis", "yaxis")]
        assert len(axes) >= 2 and all(axis["title"]["text"] for axis in axes)
        assert not {"paper_bgcolor", "plot_bgcolor", "font", "template"} & set(figure.layout)
        assert figure.text.endswith(".") and "nan" not in figure.text and "inf" not in figure.text
