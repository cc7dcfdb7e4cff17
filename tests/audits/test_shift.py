import numpy as np
import pandas as pd
import pytest

from sourcewise.audits import shift
from sourcewise.storage.files import Ragged
from tests.conftest import tone

SR = 8000


def _measured(waves, sr_original=SR):
    """Of int16 waves, each a recording of its own."""
    rows = pd.DataFrame({"parent": [f"r{k}" for k in range(len(waves))], "sr": SR, "sr_original": sr_original})
    lengths = [len(y) for y in waves]
    rows["start"], rows["n_samples"] = np.cumsum([0, *lengths[:-1]]), lengths
    return shift.measured(rows, Ragged.of(waves))


def _tones(hz, peak, seconds):
    return [(32768 * tone(hz + k, seconds=seconds + k / 100, sr=SR, peak=peak)).astype(np.int16) for k in range(10)]


def test_what_differs_is_told_by_how_little_its_values_overlap():
    own, other = _measured(_tones(3000, 0.5, 1.0)), _measured(_tones(500, 0.25, 1.045), 16_000)
    rows = {row["measure"]: row for row in shift.shift(own, other, {"a": 0.5, "b": 0.5}, {"a": 0.8, "b": 0.2})}
    assert list(rows) == ["bandwidth_hz", "sr_original", "rms_db", "floor_db", "duration_s", "classes"]
    assert [rows[name]["distance"] for name in ("sr_original", "bandwidth_hz", "rms_db")] == [1.0, 1.0, 1.0]
    assert (rows["sr_original"]["own"], rows["sr_original"]["external"]) == (8000, 16_000)
    assert rows["rms_db"]["own"] == pytest.approx(20 * np.log10(0.5 / np.sqrt(2)), abs=0.1)
    assert rows["rms_db"]["own"] - rows["rms_db"]["external"] == pytest.approx(6.02, abs=0.1)
    # of ten durations each, 0.01 s apart and shifted by 0.045: 15 of 100 pairs are the other way round
    assert rows["duration_s"]["distance"] == pytest.approx(0.7, abs=1e-4)
    assert rows["classes"]["distance"] == pytest.approx(0.3)
    assert shift.phrase(rows["classes"]) == "the share of class a (80%, here 50%)"
    assert shift.phrase(rows["sr_original"]) == "the original sample rate (median 16,000 Hz, here 8,000 Hz)"


def test_equal_recordings_do_not_differ():
    own = _measured(_tones(1000, 0.5, 0.5))
    assert {row["distance"] for row in shift.shift(own, own, {"a": 1.0}, {"a": 1.0})} == {0.0}


def test_many_recordings_are_sampled_evenly():
    waves = [np.full(80, 100 + k % 2, np.int16) for k in range(3 * shift.SAMPLED)]
    assert len(_measured(waves)["duration_s"]) == shift.SAMPLED
