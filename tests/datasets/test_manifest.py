import re
import unicodedata

import pandas as pd
import pytest

from sourcewise.datasets import manifest


def test_clip_ids_are_these():
    # literal, from b2sum -l 40: an id that changes loses every augmented copy, split and cached result of its clip
    assert manifest.clip_id("7_jackson_32.wav") == "7_jackson_32-4b61b1055f"
    assert manifest.clip_id("a/b.wav") != manifest.clip_id("a_b.wav")
    assert manifest.clip_id("a/b.wav") != manifest.clip_id("a/b.flac")
    assert manifest.clip_id("A.wav") != manifest.clip_id("a.wav")


@pytest.mark.parametrize(
    "path", ["a b/c'd\".wav", "é/ü.wav", "🎵.wav", "-rf.wav", "../x.wav", "a\nb.wav", "<b>&.wav", "x" * 250 + ".wav"]
)
def test_clip_ids_are_safe_file_names(path):
    assert re.fullmatch(r"([A-Za-z0-9][A-Za-z0-9_]*-)?[0-9a-f]{10}", manifest.clip_id(path))
    assert len(manifest.clip_id(path)) <= 51


def test_clip_ids_do_not_depend_on_how_the_system_writes_accents():
    composed, decomposed = (unicodedata.normalize(form, "é.wav") for form in ("NFC", "NFD"))
    assert composed != decomposed
    assert manifest.clip_id(composed) == manifest.clip_id(decomposed)


def test_names_that_look_like_missing_values_stay_names(tmp_path):
    table = pd.DataFrame({"clip_id": ["1", "2"], "labels": ["NA", "null"], "source": ["nan", "007"], "start": [0, 5]})
    manifest.write(table, tmp_path / "m.csv")
    read = manifest.read(tmp_path / "m.csv")
    assert read["labels"].tolist() == ["NA", "null"]
    assert read["source"].tolist() == ["nan", "007"]
    assert read["start"].tolist() == [0, 5]
    assert (tmp_path / "m.csv").read_bytes() == b"clip_id,labels,source,start\n1,NA,nan,0\n2,null,007,5\n"
