import numpy as np
import pytest

from sourcewise.audio import effects
from tests.audio.signals import SIGNALS, SR, quantised
from tests.conftest import tone


def _hz(y):
    """The frequency of the one tone in y, from the middle of it, by the peak of a long spectrum."""
    middle = y[len(y) // 4 : 3 * len(y) // 4]
    n = 1 << 20
    return np.abs(np.fft.rfft(middle * np.hanning(len(middle)), n)).argmax() * SR / n


def _level_db(y, than):
    """How much louder the middle of y is."""
    return 20 * np.log10(np.std(y[len(y) // 10 : -len(y) // 10]) / np.std(than))


@pytest.mark.parametrize("rate", [0.5, 0.8, 0.9, 1.0, 1.1, 1.2, 2.0])
def test_stretch_changes_the_length_and_not_the_pitch(rate):
    y = tone(440, seconds=3, sr=SR).astype(np.float32)
    stretched = effects.stretch(y, rate=rate)
    assert stretched.dtype == np.float32
    assert len(stretched) == round(len(y) / rate)
    assert _hz(stretched) == pytest.approx(440, abs=0.05)
    assert _level_db(stretched, y) == pytest.approx(0, abs=0.05)


def test_stretch_by_nothing_gives_the_wave_back():
    y = SIGNALS["speech"]
    assert np.abs(effects.stretch(y, rate=1.0) - y).max() < 1e-3


@pytest.mark.parametrize("rate", [0.8, 1.25])
def test_stretched_speech_keeps_its_level(rate):
    # librosa's vocoder, whose bins drift apart, loses 3 dB
    assert _level_db(effects.stretch(SIGNALS["speech"], rate=rate), SIGNALS["speech"]) == pytest.approx(0, abs=1.5)


@pytest.mark.parametrize("rate", [0.7, 1.0, 1.3])
def test_clicks_stay_where_they_belong(rate):
    y = np.zeros(2 * SR, np.float32)
    y[SR // 2], y[3 * SR // 2] = 0.9, 0.9
    stretched = np.abs(effects.stretch(y, rate=rate))
    first, second = (
        stretched[: len(stretched) // 2].argmax(),
        len(stretched) // 2 + stretched[len(stretched) // 2 :].argmax(),
    )
    assert first == pytest.approx(SR / 2 / rate, abs=effects.HOP)
    assert second == pytest.approx(3 * SR / 2 / rate, abs=effects.HOP)


# 440 Hz times 2 ** (semitones / 12), as any table of equal temperament has it
@pytest.mark.parametrize(("semitones", "hz"), [(-12, 220.0), (-3, 369.99), (0, 440.0), (2, 493.88), (3, 523.25)])
def test_pitch_is_shifted_and_the_length_is_not(semitones, hz):
    y = tone(440, seconds=3, sr=SR).astype(np.float32)
    shifted = effects.shift_pitch(y, semitones=semitones)
    assert len(shifted) == len(y)
    assert _hz(shifted) == pytest.approx(hz, rel=0.0005)
    assert _level_db(shifted, y) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("rate", [0.25, 0.29, 0.3, 0.45, 0.57, 1.1, 3.99, 4.0])
def test_any_rate_at_any_length_stays_within_its_arrays(rate):
    # of these, with as many frames, rounding puts a step on the frame behind the last one
    for n_frames in (1, 2, 57, 100, 145):
        y = np.random.default_rng(n_frames).normal(0, 0.1, n_frames * effects.HOP - 1).astype(np.float32)
        stretched = effects.stretch(y, rate=rate)
        assert np.abs(stretched).max() < 10
        assert np.array_equal(stretched, effects.stretch(y, rate=rate))
    for semitones in (-24, 13, 24):
        assert np.abs(effects.shift_pitch(y, semitones=semitones)).max() < 10


@pytest.mark.parametrize("n_samples", [1, 2, 100, 2047, 2049])
def test_short_waves_and_silence_stay_finite(n_samples):
    for y in (np.zeros(n_samples, np.float32), np.full(n_samples, 0.1, np.float32)):
        for rate in (0.5, 0.9, 2.0):
            stretched = effects.stretch(y, rate=rate)
            assert len(stretched) == max(1, round(n_samples / rate))
            assert np.isfinite(stretched).all()
        assert np.isfinite(effects.shift_pitch(y, semitones=2)).all()
    assert np.abs(effects.stretch(np.zeros(n_samples, np.float32), rate=0.9)).max(initial=0) == 0


@pytest.mark.parametrize("snr_db", [-10, 0, 10, 40])
def test_noise_arrives_at_the_requested_ratio(snr_db):
    y = SIGNALS["speech"]
    noise = effects.white_noise(len(y), rng=np.random.default_rng(0))
    added = effects.mix(y, noise, snr_db=snr_db).astype(np.float64) - y
    assert 10 * np.log10(np.mean(y.astype(np.float64) ** 2) / np.mean(added**2)) == pytest.approx(snr_db, abs=0.05)


def test_white_noise_is_white():
    power = np.abs(np.fft.rfft(effects.white_noise(1 << 16, rng=np.random.default_rng(0)))) ** 2
    quarters = [part.mean() for part in np.array_split(power, 4)]
    assert max(quarters) / min(quarters) < 1.05


def test_noise_on_silence_and_silent_noise_change_nothing():
    y = SIGNALS["speech"]
    assert np.array_equal(effects.mix(y, np.zeros_like(y), snr_db=0), y)
    silence = np.zeros_like(y)
    assert np.array_equal(effects.mix(silence, y, snr_db=0), silence)


def test_gain_and_shift_in_time():
    y = quantised(np.array([0.1, 0.2, -0.3, 0.4, 0.0]))
    assert effects.gain(y, db=6.0206) == pytest.approx(2 * y, rel=1e-5)
    assert np.array_equal(effects.shift_time(y, n_samples=2), y[[3, 4, 0, 1, 2]])
    assert np.array_equal(effects.shift_time(y, n_samples=-1), y[[1, 2, 3, 4, 0]])
