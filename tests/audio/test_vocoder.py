"""From log-mel frames back to a wave: of sounds whose answer is known, and of real speech."""

import numpy as np
import pytest
import soundfile

from sourcewise.audio.spectral import limited, log_mel
from sourcewise.audio.vocoder import vocoded
from tests.conftest import tone

FRAMING = {"sr": 8000, "n_fft": 512, "hop_length": 128}


def there_and_back(y):
    before = limited(log_mel(y, n_mels=64, **FRAMING), 60)
    return before, vocoded(before, length=len(y), **FRAMING)


@pytest.mark.parametrize("hz", [200, 700, 2000])
def test_a_tone_keeps_its_pitch_and_its_level(hz):
    _, y = there_and_back(tone(hz, seconds=1, sr=8000))
    spectrum = np.abs(np.fft.rfft(y))
    assert y.shape == (8000,) and y.dtype == np.float32
    assert np.fft.rfftfreq(8000, 1 / 8000)[spectrum.argmax()] == pytest.approx(hz, abs=40 + hz / 20)  # a band
    assert np.sqrt(np.mean(y**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.3)


def test_silence_stays_silent_and_a_burst_where_it_is():
    y = np.zeros(8192)
    y[4096:5120] = np.random.default_rng(0).normal(0, 0.2, 1024)
    _, made = there_and_back(y)
    assert np.mean(made[:3584] ** 2) < 1e-3 * np.mean(made[4096:5120] ** 2)
    assert np.abs(vocoded(np.full((65, 64), -100.0), length=8192, **FRAMING)).max() < 1e-3


def test_the_same_frames_give_the_same_wave():
    one, other = (there_and_back(tone(440, seconds=0.5, sr=8000))[1] for _ in range(2))
    assert one.tobytes() == other.tobytes()


def test_speech_has_about_the_same_frames(fsdd):
    for file in sorted(fsdd.rglob("*.wav"))[::500]:
        y, sr = soundfile.read(file)
        assert sr == 8000
        before, made = there_and_back(y)
        after = limited(log_mel(made, n_mels=64, **FRAMING), 60)
        loud = before > before.max() - 40
        assert np.abs(before - after)[loud].mean() < 4  # dB; measured: 2.2 to 2.9
