import librosa
import numpy as np
import pytest

from sourcewise.audio import tabular
from sourcewise.audio.tabular import COLUMNS, PUBLISHED, describe
from tests.audio.signals import SIGNALS
from tests.audio.signals import SR as MUSIC_SR
from tests.conftest import tone

SR = 16_000


def _row(y):
    return dict(zip(COLUMNS, describe(y.astype(np.float32), sr=SR, n_fft=1024, hop_length=256), strict=True))


def test_the_columns_are_the_published_ones():
    # the header of features_30_sec.csv between `filename` and `label`
    assert len(PUBLISHED) == 58
    assert PUBLISHED[:9] == [
        *("length", "chroma_stft_mean", "chroma_stft_var", "rms_mean", "rms_var", "spectral_centroid_mean"),
        *("spectral_centroid_var", "spectral_bandwidth_mean", "spectral_bandwidth_var"),
    ]
    assert PUBLISHED[9:20] == [
        *("rolloff_mean", "rolloff_var", "zero_crossing_rate_mean", "zero_crossing_rate_var", "harmony_mean"),
        *("harmony_var", "perceptr_mean", "perceptr_var", "tempo", "mfcc1_mean", "mfcc1_var"),
    ]
    assert PUBLISHED[-1] == "mfcc20_var"
    assert [*PUBLISHED, "rms_sd", "zero_crossing_rate_sd"] == COLUMNS


def test_a_tone():
    row = _row(tone(1000, seconds=2))
    assert row["length"] == 32_000
    assert row["spectral_centroid_mean"] == pytest.approx(1000, rel=0.02)
    assert row["zero_crossing_rate_mean"] == pytest.approx(2 * 1000 / SR, rel=0.02)
    assert row["rms_mean"] == pytest.approx(0.5 / np.sqrt(2), rel=0.02)
    assert row["harmony_var"] == pytest.approx(0.125, rel=0.02)  # a tone is harmonic, through and through
    assert row["perceptr_var"] < 0.001
    assert row["rms_sd"] == pytest.approx(np.sqrt(row["rms_var"]))
    assert row["zero_crossing_rate_sd"] == pytest.approx(np.sqrt(row["zero_crossing_rate_var"]))


def test_clicks_are_percussive_and_have_their_tempo():
    y = np.zeros(SR * 8)
    y[:: SR // 2] = 0.9  # two a second
    row = _row(y)
    assert row["perceptr_var"] > 10 * row["harmony_var"]
    assert row["tempo"] == pytest.approx(120, rel=0.05)


def _by_librosa(y, sr, n_fft, hop_length):
    """The same columns, each by librosa's function called on the wave."""
    options = {"n_fft": n_fft, "hop_length": hop_length}
    frames = {"frame_length": n_fft, "hop_length": hop_length}
    series = {
        "chroma_stft": librosa.feature.chroma_stft(y=y, sr=sr, **options),
        "rms": librosa.feature.rms(y=y, **frames),
        "spectral_centroid": librosa.feature.spectral_centroid(y=y, sr=sr, **options),
        "spectral_bandwidth": librosa.feature.spectral_bandwidth(y=y, sr=sr, **options),
        "rolloff": librosa.feature.spectral_rolloff(y=y, sr=sr, **options),
        "zero_crossing_rate": librosa.feature.zero_crossing_rate(y, **frames),
        "harmony": librosa.effects.harmonic(y, **options),
        "perceptr": librosa.effects.percussive(y, **options),
    }
    mfcc = librosa.feature.mfcc(y=y, sr=sr, n_mfcc=20, **options)
    series |= {f"mfcc{k + 1}": mfcc[k] for k in range(20)}
    onsets = librosa.onset.onset_strength(y=y, sr=sr, aggregate=np.median, **options)  # as beat_track(y=y) has them
    tempo, _ = librosa.beat.beat_track(onset_envelope=onsets, sr=sr, hop_length=hop_length)
    row = {"length": len(y), "tempo": float(np.squeeze(tempo))}
    row |= {f"{name}_mean": float(values.mean()) for name, values in series.items()}
    row |= {f"{name}_var": float(values.var()) for name, values in series.items()}
    return row | {f"{name}_sd": float(series[name].std()) for name in ("rms", "zero_crossing_rate")}


@pytest.mark.filterwarnings("ignore")  # librosa's, of windows longer than the clip and frames without a pitch
@pytest.mark.parametrize("name", SIGNALS)
@pytest.mark.parametrize(("n_fft", "hop_length"), [(2048, 512), (1024, 256)])
def test_every_column_is_librosas_within_1e_4(name, n_fft, hop_length):
    y = SIGNALS[name]
    if (name, n_fft) == ("one frame", 1024):
        y = y[:200]  # of two frames scipy 1.17's median filter, and so librosa, takes others than mirrored windows
    expected = _by_librosa(y, MUSIC_SR, n_fft, hop_length)
    row = dict(zip(COLUMNS, describe(y, sr=MUSIC_SR, n_fft=n_fft, hop_length=hop_length), strict=True))
    for column in COLUMNS:
        # a mean as good as 0 is known to a share of the deviation, a variance as good as 0 to one of the mean squared
        near_zero = 0.0
        if column.endswith("_mean"):
            near_zero = np.sqrt(expected[column.replace("_mean", "_var")])
        if column.endswith(("_var", "_sd")):
            near_zero = 1e-4 * expected[column.rsplit("_", 1)[0] + "_mean"] ** 2
        scale = max(abs(expected[column]), near_zero)
        assert row[column] == pytest.approx(expected[column], abs=1e-4 * scale + 1e-12), column
    assert row["tempo"] == expected["tempo"]


@pytest.mark.filterwarnings("ignore")
def test_real_speech_is_described_as_librosa_does(fsdd):
    for name in ("7_jackson_32", "0_george_0", "9_yweweler_49"):
        y, sr = librosa.load(fsdd / f"{name}.wav", sr=None)
        expected = _by_librosa(y, sr, 1024, 256)
        row = dict(zip(COLUMNS, describe(y, sr=sr, n_fft=1024, hop_length=256), strict=True))
        for column in COLUMNS:
            deviation = np.sqrt(expected[column.replace("_mean", "_var")]) if column.endswith("_mean") else 0
            tolerance = 1e-4 * max(abs(expected[column]), deviation)
            assert row[column] == pytest.approx(expected[column], abs=tolerance), (name, column)


@pytest.mark.parametrize("n_samples", [1, 100, 1023, 1600])
def test_clips_shorter_than_a_window_have_numbers_too(n_samples):
    row = describe(np.random.default_rng(0).normal(0, 0.1, n_samples), sr=SR, n_fft=1024, hop_length=256)
    assert np.isfinite(row).all()


@pytest.mark.parametrize(("sr", "n_fft"), [(16_000, 1024), (22_050, 2048), (1000, 256)])
@pytest.mark.parametrize("tuning", [-0.5, -0.13, 0, 0.49])
def test_the_filters_of_pitch_classes_are_librosas(sr, n_fft, tuning):
    ours, theirs = tabular._chroma_filters(sr, n_fft, tuning), librosa.filters.chroma(sr=sr, n_fft=n_fft, tuning=tuning)
    assert ours.shape == theirs.shape == (12, n_fft // 2 + 1) and ours.dtype == theirs.dtype
    assert np.abs(ours - theirs).max() < 1e-6
