import sys

import numpy as np
import pytest

from sourcewise.evaluation.denoising import paragraphs, scores, si_sdr, snr, without_pesq
from tests.conftest import tone

SINE, COSINE = tone(100, seconds=1), 0.5 * np.cos(2 * np.pi * 100 * np.arange(16_000) / 16_000)  # at right angles


def test_snr_is_the_power_of_the_clean_wave_over_that_of_the_difference():
    assert snr(SINE, SINE + 0.1 * COSINE) == pytest.approx(20, abs=1e-6)
    assert snr(SINE, 0.5 * SINE) == pytest.approx(6.0206, abs=1e-4)  # too soft is wrong, too
    assert snr(SINE, SINE) == 100


def test_si_sdr_does_not_depend_on_level():
    for level in (0.01, 1, -3):
        assert si_sdr(SINE, level * (SINE + 0.1 * COSINE)) == pytest.approx(20, abs=1e-6)
    assert si_sdr(SINE, 0.5 * SINE) == 100
    assert si_sdr(SINE, np.zeros(16_000)) <= 0


def test_gains_are_over_the_noisy_wave():
    gains = scores(SINE, SINE + COSINE, SINE + 0.5 * COSINE, sr=11_025, pesq=False)
    assert gains["snr_gain"] == pytest.approx(6.0206, abs=1e-4)
    assert gains["si_sdr_gain"] == pytest.approx(6.0206, abs=1e-4)
    assert "pesq" not in gains


def test_stoi_is_1_for_equal_waves_lower_in_noise_and_left_out_for_short_clips():
    rng = np.random.default_rng(0)
    y = rng.normal(0, 0.1, 16_000) * (1 + np.sin(2 * np.pi * 3 * np.arange(16_000) / 16_000))
    assert scores(y, y, y, sr=16_000, pesq=False)["stoi"] == pytest.approx(1, abs=1e-6)
    assert scores(y, y, y + rng.normal(0, 0.3, 16_000), sr=16_000, pesq=False)["stoi"] < 0.7
    assert "stoi" not in scores(y[:3000], y[:3000], y[:3000], sr=16_000, pesq=False)


def test_the_reason_why_pesq_cannot_be_computed_is_returned(monkeypatch):
    monkeypatch.setitem(sys.modules, "pesq", None)  # as if it were not installed
    assert without_pesq(16_000).startswith("PESQ needs the package pesq, which needs a C compiler")


def test_pesq_is_4_64_for_equal_waves():
    pytest.importorskip("pesq", reason="needs a C compiler: not among the requirements")
    assert without_pesq(44_100) == "PESQ is defined for 8,000 and 16,000 Hz, not for 44,100 Hz (audio.sr)"
    assert without_pesq(8_000) is None
    rng = np.random.default_rng(0)
    y = rng.normal(0, 0.1, 32_000) * (np.sin(2 * np.pi * 2 * np.arange(32_000) / 16_000) > 0)
    assert scores(y, y, y, sr=16_000, pesq=True)["pesq"] == pytest.approx(4.64, abs=0.01)  # P.862.2: 4.644


def test_the_table_has_a_row_per_denoiser_and_unmeasured_scores_are_named():
    gain, stoi = {"value": 7.25, "low": 6.04, "high": 8.46}, {"value": 0.8, "low": 0.7, "high": 0.9}
    kinds = {"white": {"0": {"si_sdr_gain": gain}, "all": {"si_sdr_gain": gain, "stoi": stoi}}}
    each = {"mask": {"clips": 4, "sources": 2, "kinds": kinds, "not_measured": {"pesq": "No PESQ here"}}}
    caption, table, why = paragraphs(each)
    assert "4 test clips of 2 sources" in caption and why == "No PESQ here."
    assert table.endswith("| mask     | white | +7.2 (+6.0 to +8.5) | 0.800 |    - |")
    assert paragraphs({}) == []
