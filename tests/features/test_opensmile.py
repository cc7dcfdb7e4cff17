"""openSMILE's functionals, where the package is installed; a sentence where it is not."""

import sys

import numpy as np
import pandas as pd
import pytest

from sourcewise.core.errors import NotRun
from sourcewise.core.paths import FEATURES
from sourcewise.extraction.extract import extract
from sourcewise.features import opensmile
from sourcewise.models.examples import columns, read_features
from sourcewise.storage.files import read_json
from tests.conftest import tone

P = opensmile.Params(functionals="eGeMAPSv02")


@pytest.fixture
def absent(monkeypatch):
    monkeypatch.setattr(opensmile, "_own", type("Nothing", (), {})())
    monkeypatch.setitem(sys.modules, "opensmile", None)


def test_without_the_package_the_features_are_not_run(absent, in_tmp):
    extract("opensmile", opensmile, P, pd.DataFrame(), audio=None, min_s=0.1, denoiser=None, compute=None)
    reason = "features.opensmile needs the package opensmile: pip install opensmile==2.6.0"
    assert read_json(FEATURES / "opensmile/not_run.json") == {"reason": reason}
    with pytest.raises(NotRun, match=reason):
        read_features("opensmile")


def test_the_length_is_no_feature():
    table = pd.DataFrame({"filename": ["a"], "opensmile_length": [9], "loudness": [0.5], "label": ["x"]})
    assert columns(table).tolist() == [[0.5]]


def test_a_tone_has_its_pitch_and_a_short_clip_is_described():
    pytest.importorskip("opensmile", reason="the package opensmile is not installed")
    names = opensmile.columns(P)
    assert len(names) == 89 and names[0] == "opensmile_length"
    y = sum(tone(hz, seconds=1, peak=0.2) for hz in (220, 440, 660)).astype(np.float32)
    row = dict(zip(names, opensmile.extract(y, sr=16_000, p=P), strict=True))
    assert row["opensmile_length"] == 16_000
    assert row["F0semitoneFrom27.5Hz_sma3nz_amean"] == pytest.approx(36, abs=0.5)  # 220 Hz: three octaves above 27.5
    short = opensmile.extract(y[:400], sr=16_000, p=P)
    assert short[0] == 400 and np.isfinite(short).all()
