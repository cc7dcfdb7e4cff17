import numpy as np
import pandas as pd
import pytest
from scipy.signal import butter, sosfiltfilt

from sourcewise.audits.cues import CUES, measure, table
from sourcewise.core.paths import CLIPS
from sourcewise.datasets import manifest
from sourcewise.storage.files import writer
from tests.conftest import tone

SR = 16_000


def _int16(y):
    return np.rint(y * 32768).astype(np.int16)


def test_levels_of_a_sine():
    values = measure(_int16(tone(1000, seconds=1, peak=0.5)), sr=SR)
    assert values["rms_db"] == pytest.approx(-9.03, abs=0.01)  # 20 log10(0.5 / sqrt(2))
    assert values["peak_db"] == pytest.approx(-6.02, abs=0.01)
    assert values["dc_offset"] == pytest.approx(0, abs=1e-6)
    assert (values["leading_s"], values["trailing_s"]) == (0, 0)


def test_an_offset_changes_no_level():
    values = measure(_int16(tone(1000, seconds=1, peak=0.01) + 0.1), sr=SR)
    assert values["dc_offset"] == pytest.approx(0.1, abs=1e-5)
    assert values["rms_db"] == pytest.approx(-43.01, abs=0.05)
    assert values["floor_db"] == pytest.approx(-43.01, abs=0.05)


def test_leading_and_trailing_silence_and_the_noise_floor():
    y = np.random.default_rng(0).normal(0, 10 ** (-70 / 20), SR)
    y[4000:12_000] += tone(500, seconds=0.5)  # from 0.25 s to 0.75 s
    values = measure(_int16(y), sr=SR)
    assert values["leading_s"] == pytest.approx(0.25, abs=0.02)
    assert values["trailing_s"] == pytest.approx(0.25, abs=0.02)
    assert values["floor_db"] == pytest.approx(-70, abs=1)


@pytest.mark.parametrize("edge", [2000, 3400, 5000])
@pytest.mark.parametrize("level", [-10, -50])
def test_the_edge_of_a_band_at_any_level(edge, level):
    y = sosfiltfilt(butter(20, edge, fs=SR, output="sos"), np.random.default_rng(0).normal(0, 1, SR))
    y *= 10 ** (level / 20) / y.std() / 4
    assert measure(_int16(y), sr=SR)["bandwidth_hz"] == pytest.approx(edge, rel=0.25)
    assert measure(_int16(np.random.default_rng(0).normal(0, 0.01, SR)), sr=SR)["bandwidth_hz"] == 8000


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_bits_in_use(bits):
    y = _int16(tone(440, seconds=0.2)) >> (16 - bits) << (16 - bits)
    assert measure(y, sr=SR)["bits"] == bits


@pytest.mark.parametrize("y", [np.zeros(400, np.int16), np.array([5, -5], np.int16), np.full(3000, 7, np.int16)])
def test_nearly_empty_clips_give_finite_numbers(y):
    assert np.isfinite([*measure(y, sr=SR).values()]).all()


def test_a_long_clip_is_processed_in_blocks(monkeypatch):
    y = _int16(np.random.default_rng(0).normal(0, 0.1, 5 * SR + 77))
    whole = measure(y, sr=SR)
    monkeypatch.setattr("sourcewise.audits.cues.BLOCK", SR)
    assert measure(y, sr=SR) == pytest.approx(whole)


def test_properties_of_the_file_come_from_the_manifest(in_tmp):
    with writer(CLIPS, np.int16) as append:
        append(_int16(tone(440, seconds=0.5)))
    row = {"clip_id": "a", "path": "x.y/a b.FLAC", "labels": "l", "source": "s", "parent": "a", "start": 0}
    row |= {
        "n_samples": 8000,
        "duration_s": 0.5,
        "sr": SR,
        "sr_original": 44_100,
        "hash": "",
        "origin": "",
        "given": "",
    }
    values = table(pd.DataFrame([row], columns=manifest.COLUMNS))
    assert list(values.columns) == list(CUES)
    assert values.loc[0, ["duration_s", "sr_original", "format"]].tolist() == [0.5, 44_100, "flac"]
