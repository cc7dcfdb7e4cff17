import librosa
import numpy as np
import pytest

from stages.audio.spectral import log_mel, mfcc
from tests.conftest import tone

FRAMES = {"sr": 16_000, "n_fft": 512, "hop_length": 160, "n_mels": 40}


def test_a_tone_lies_in_its_band():
    centres = librosa.mel_frequencies(42, fmin=0, fmax=8000)[1:-1]
    for hz in (500, 1000, 3000):
        frames = log_mel(tone(hz).astype(np.float32), **FRAMES)
        assert frames.shape == (51, 40)
        assert frames.dtype == np.float32
        assert frames[25].argmax() == np.abs(centres - hz).argmin()


def test_twice_the_level_is_6_db_more():
    quiet, loud = (log_mel(tone(1000, peak=peak).astype(np.float32), **FRAMES) for peak in (0.25, 0.5))
    assert (loud - quiet)[25].max() == pytest.approx(6.0206, abs=1e-3)


def test_silence_is_the_floor():
    assert log_mel(np.zeros(1600, np.float32), **FRAMES) == pytest.approx(-100)


def test_log_mel_is_librosas():
    y = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)
    mel = librosa.feature.melspectrogram(y=y, **FRAMES)
    assert np.abs(log_mel(y, **FRAMES) - 10 * np.log10(np.maximum(mel, 1e-10)).T).max() < 1e-3


def test_mfcc_is_librosas():
    y = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)
    theirs = librosa.feature.mfcc(y=y, n_mfcc=13, **FRAMES).T  # noise stays within the 80 dB that librosa keeps
    assert np.abs(mfcc(y, n_mfcc=13, **FRAMES) - theirs).max() < 1e-3
