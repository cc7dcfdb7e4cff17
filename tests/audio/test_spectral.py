import librosa
import numpy as np
import pytest

from sourcewise.audio import spectral
from sourcewise.audio.spectral import log_mel, magnitude, mel_filters, mfcc, packed_spectra, wave
from tests.audio.signals import SIGNALS, SR
from tests.conftest import tone

FRAMES = {"sr": 16_000, "n_fft": 512, "hop_length": 160, "n_mels": 40}
SIZES = ({"n_fft": 2048, "hop_length": 512, "n_mels": 128}, {"n_fft": 512, "hop_length": 160, "n_mels": 40})


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


@pytest.mark.parametrize("name", SIGNALS)
@pytest.mark.parametrize("size", SIZES, ids=["2048", "512"])
def test_log_mel_is_librosas_within_a_thousandth_of_a_decibel(name, size):
    y = SIGNALS[name]
    theirs = librosa.power_to_db(librosa.feature.melspectrogram(y=y, sr=SR, **size), top_db=None).T
    assert np.abs(log_mel(y, sr=SR, **size) - theirs).max() < 1e-3


@pytest.mark.parametrize("name", SIGNALS)
@pytest.mark.parametrize(("n_mfcc", "size"), [(20, SIZES[0]), (39, SIZES[1])], ids=["20", "39"])
def test_mfcc_are_librosas(name, n_mfcc, size):
    y = SIGNALS[name]
    theirs = librosa.feature.mfcc(y=y, sr=SR, n_mfcc=n_mfcc, **size).T
    ours = mfcc(y, sr=SR, n_mfcc=n_mfcc, top_db=80, **size)
    size_of_frame = np.abs(theirs).max(axis=1, keepdims=True)  # one coefficient may be as good as 0
    assert (np.abs(ours - theirs) <= 1e-4 * np.maximum(np.abs(theirs), 0.01 * size_of_frame)).all()


def test_without_top_db_nothing_is_raised():
    y = np.concatenate([SIGNALS["music"], np.zeros(SR, np.float32)])
    low = mfcc(y, sr=SR, n_mfcc=13, top_db=None, **SIZES[0])[-5:, 0]
    assert low == pytest.approx(-100 * np.sqrt(128), rel=1e-6)  # the orthonormal sum of 128 bands at -100 dB


@pytest.mark.filterwarnings("ignore:Empty filters")  # with so many that some lie between two bins
@pytest.mark.parametrize(("sr", "n_fft", "n_mels"), [(22_050, 2048, 128), (16_000, 512, 40), (8_000, 1024, 224)])
def test_the_filters_are_librosas(sr, n_fft, n_mels):
    theirs = librosa.filters.mel(sr=sr, n_fft=n_fft, n_mels=n_mels)
    assert np.abs(mel_filters(sr, n_fft, n_mels) - theirs).max() < 1e-8


@pytest.mark.parametrize("n_samples", [1, 2, 100, 511, 512, 513, 5000, 16_000])
def test_magnitudes_are_librosas_at_any_length(n_samples):
    y = np.random.default_rng(0).normal(0, 0.1, n_samples).astype(np.float32)
    theirs = np.abs(librosa.stft(np.pad(y, (0, 512)), n_fft=512, hop_length=160)).T  # librosa needs half a window
    ours = magnitude(y, n_fft=512, hop_length=160)
    assert ours.shape == (1 + n_samples // 160, 257)
    assert np.abs(ours - theirs[: len(ours)]).max() < 1e-4


def test_a_full_scale_sine_has_a_quarter_of_the_window():
    y = np.cos(2 * np.pi * 1000 * np.arange(16_000) / 16_000).astype(np.float32)
    assert magnitude(y, n_fft=512, hop_length=160)[50].max() == pytest.approx(128, rel=1e-4)


@pytest.mark.parametrize("hop_length", [128, 160, 512])
def test_spectra_give_their_wave_back(hop_length):
    y = SIGNALS["music"]
    packed = packed_spectra(y, n_fft=1024, hop_length=hop_length)
    assert np.abs(wave(packed, hop_length=hop_length, length=len(y)) - y)[1024:-1024].max() < 1e-5


def test_the_length_of_a_block_changes_nothing(monkeypatch):
    whole = log_mel(SIGNALS["music"], sr=SR, **SIZES[0])
    monkeypatch.setattr(spectral, "BLOCK_BYTES", 7 * 8 * SIZES[0]["n_fft"])
    assert np.array_equal(log_mel(SIGNALS["music"], sr=SR, **SIZES[0]), whole)
