"""All bad recordings in one corpus, ingested at once: each ends as the table says."""

import os
import shutil
import tracemalloc

import numpy as np
import pandas as pd
import pytest

from sourcewise.audio.decode import decode
from sourcewise.datasets import manifest
from sourcewise.datasets.clips import waves
from stages import ingest
from tests.robustness.files import FILES, Taken
from tests.robustness.limit import limit

PARAMS = (
    "dataset: own\naudio: {sr: 8000, segment_s: null, hop_s: null, pad: repeat}\n"
    "ingest: {min_s: 0.1, max_rejected: 0.99, keep_copies: true}\n"
    "compute: {backend: threads, workers: 2, address: null, cache_gb: 0}\n"
)
DATASET_FILE = "title: t\nlicence: l\nreader: folder\nlabel: parent\nsource: parent\n"
NOBODY = 65534


@pytest.fixture(scope="module")
def ingested(tmp_path_factory):
    """(The manifest by path, the waves by path, the reasons by path) of a corpus of all cases."""
    here, root = os.getcwd(), tmp_path_factory.mktemp("bad")
    (root / "data/datasets").mkdir(parents=True)
    (root / "params.yaml").write_text(PARAMS)
    (root / "data/datasets/own.yaml").write_text(DATASET_FILE)
    for case in FILES:
        path = root / "data/raw/own" / case.path
        path.parent.mkdir(parents=True, exist_ok=True)
        case.make(path)
    os.chdir(root)
    try:
        with limit(120):
            _as_nobody(root)
        rows = manifest.read()
        rejected = pd.read_csv("data/rejected.csv", keep_default_na=False, lineterminator="\n")
        heard = dict(zip(rows["path"], waves(rows), strict=True))
        yield rows.set_index("path"), heard, dict(rejected.itertuples(index=False))
    finally:
        os.chdir(here)


def _as_nobody(root):
    """Permissions hold for all but root."""
    ingest.main()
    if os.geteuid():
        return
    shutil.rmtree("data/clips")  # the first run has imported what nobody might not be let at
    for folder in (root, root / "data"):
        folder.chmod(0o777)
    os.seteuid(NOBODY)
    try:
        ingest.main()
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("case", FILES, ids=lambda case: case.name)
def test_bad_recordings(ingested, case):
    rows, heard, reasons = ingested
    path = case.path.encode("utf-8", "backslashreplace").decode()
    if not isinstance(case.outcome, Taken):
        assert path not in rows.index
        assert reasons.get(path, "").startswith(case.outcome or "")
        assert (path in reasons) == (case.outcome is not None)
        return
    assert path not in reasons
    row, y = rows.loc[path], heard[path]
    assert row["duration_s"] == pytest.approx(case.outcome.seconds, abs=0.07)
    assert len(y) == row["n_samples"] == pytest.approx(row["duration_s"] * 8000, abs=1)
    assert row["sr_original"] == case.outcome.sr
    piece = y[:80_000] / 32768  # ten seconds
    assert 10 * np.log10(np.mean(piece**2)) == pytest.approx(case.outcome.db, abs=0.5)
    assert np.abs(np.fft.rfft(piece)).argmax() * 8000 / len(piece) == pytest.approx(case.outcome.hz, abs=5)


def test_no_other_file_is_taken_or_rejected(ingested):
    rows, _, reasons = ingested
    expected = {case.path.encode("utf-8", "backslashreplace").decode() for case in FILES if case.outcome is not None}
    assert {*rows.index, *reasons} == expected
    assert sorted(set(rows["labels"])) == ["...", "<script>alert(1)<!--", "cats", "dogs"]


def test_there_are_enough_kinds_and_no_name_twice():
    assert len({case.name for case in FILES}) == len({case.path for case in FILES}) == len(FILES) >= 40


def test_a_recording_of_three_hours_takes_little_more_than_its_samples(ingested, tmp_path):
    (long,) = (case for case in FILES if case.name == "3 hours")
    long.make(tmp_path / "long.wav")
    tracemalloc.start()
    y, *_ = decode(tmp_path / "long.wav", sr=8000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert y.nbytes == 3 * 3600 * 8000 * 2
    assert peak < 1.25 * y.nbytes + 20e6
