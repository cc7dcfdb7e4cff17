import librosa
import numpy as np
import pytest

from stages.features.table import COLUMNS, Params, extract
from tests.conftest import tone

P = Params(n_fft=1024, hop_length=256)
SR = 16_000


def _row(y):
    return dict(zip(COLUMNS, extract(y.astype(np.float32), sr=SR, p=P), strict=True))


def test_the_columns_are_the_published_ones():
    # the header of features_30_sec.csv between `filename` and `label`
    assert len(COLUMNS) == 58
    assert COLUMNS[:9] == [
        *("length", "chroma_stft_mean", "chroma_stft_var", "rms_mean", "rms_var", "spectral_centroid_mean"),
        *("spectral_centroid_var", "spectral_bandwidth_mean", "spectral_bandwidth_var"),
    ]
    assert COLUMNS[9:20] == [
        *("rolloff_mean", "rolloff_var", "zero_crossing_rate_mean", "zero_crossing_rate_var", "harmony_mean"),
        *("harmony_var", "perceptr_mean", "perceptr_var", "tempo", "mfcc1_mean", "mfcc1_var"),
    ]
    assert COLUMNS[-1] == "mfcc20_var"


def test_a_tone():
    row = _row(tone(1000, seconds=2))
    assert row["length"] == 32_000
    assert row["spectral_centroid_mean"] == pytest.approx(1000, rel=0.02)
    assert row["zero_crossing_rate_mean"] == pytest.approx(2 * 1000 / SR, rel=0.02)
    assert row["rms_mean"] == pytest.approx(0.5 / np.sqrt(2), rel=0.02)
    assert row["harmony_var"] == pytest.approx(0.125, rel=0.02)  # a tone is harmonic, through and through
    assert row["perceptr_var"] < 0.001


def test_clicks_are_percussive_and_have_their_tempo():
    y = np.zeros(SR * 8)
    y[:: SR // 2] = 0.9  # two a second
    row = _row(y)
    assert row["perceptr_var"] > 10 * row["harmony_var"]
    assert row["tempo"] == pytest.approx(120, rel=0.05)


def test_it_is_what_librosa_gives_function_by_function():
    y = (tone(440, seconds=2) + np.random.default_rng(0).normal(0, 0.05, 2 * SR)).astype(np.float32)
    row = _row(y)
    how = {"y": y, "n_fft": 1024, "hop_length": 256}
    harmonic, percussive = librosa.effects.hpss(y, n_fft=1024, hop_length=256)
    expected = {
        "chroma_stft": librosa.feature.chroma_stft(sr=SR, **how),
        "rms": librosa.feature.rms(y=y, frame_length=1024, hop_length=256),
        "spectral_centroid": librosa.feature.spectral_centroid(sr=SR, **how),
        "spectral_bandwidth": librosa.feature.spectral_bandwidth(sr=SR, **how),
        "rolloff": librosa.feature.spectral_rolloff(sr=SR, **how),
        "zero_crossing_rate": librosa.feature.zero_crossing_rate(y, frame_length=1024, hop_length=256),
        "harmony": harmonic,
        "perceptr": percussive,
    }
    mfcc = librosa.feature.mfcc(sr=SR, n_mfcc=20, **how)
    expected |= {f"mfcc{k + 1}": mfcc[k] for k in range(20)}
    for name, values in expected.items():
        assert row[f"{name}_mean"] == pytest.approx(float(values.mean()), rel=1e-3, abs=1e-5), name
        assert row[f"{name}_var"] == pytest.approx(float(values.var()), rel=1e-3, abs=1e-6), name


@pytest.mark.parametrize("n_samples", [1, 100, 1023, 1600])
def test_clips_shorter_than_a_window_have_numbers_too(n_samples):
    row = extract(np.random.default_rng(0).normal(0, 0.1, n_samples).astype(np.float32), sr=SR, p=P)
    assert np.isfinite(row).all()
