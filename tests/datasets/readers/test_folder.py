import os

import pytest

from sourcewise.core import params
from sourcewise.core.errors import Stop
from sourcewise.datasets.readers.folder import DatasetFile, read
from tests.conftest import tone, write_wav

COMMON = {"title": "t", "licence": "l", "reader": "folder"}


def _dataset_file(**rules):
    return params.check(DatasetFile, COMMON | rules, "own.yaml")


def _files(root, *paths):
    for path in paths:
        write_wav(root / path, tone(440, seconds=0.1))


def test_label_and_source_from_parent_pattern_and_table(tmp_path):
    _files(tmp_path, "dogs/rex-03.wav", "cats/tom-1.wav")
    keys = _dataset_file(label="parent", source={"pattern": "/([a-z]+)-", "table": {"rex": "Rex", "tom": "Tom"}})
    assert [tuple(r)[:3] for r in read(tmp_path, keys)] == [
        ("cats/tom-1.wav", "cats", "Tom"),
        ("dogs/rex-03.wav", "dogs", "Rex"),
    ]


def test_a_table_alone_maps_the_parent(tmp_path):
    _files(tmp_path, "ann/1.wav", "bob/1.wav")
    keys = _dataset_file(label={"table": {"ann": "female", "bob": "male"}}, source="parent")
    assert [(r.labels, r.source) for r in read(tmp_path, keys)] == [("female", "ann"), ("male", "bob")]


def test_names_of_any_kind(tmp_path):
    names = ["a b.wav", 'it\'s "x".wav', "é🎵.wav", "-rf.wav", "<script>.wav", "a\nb.wav", "..wav.wav"]
    _files(tmp_path, *(f"x/{name}" for name in names))
    recordings = read(tmp_path, _dataset_file(label="parent", source={"pattern": "([^/]+)$"}))
    assert sorted(r.path for r in recordings) == sorted(f"x/{n}" for n in names if not n.startswith("."))


def test_files_that_a_rule_misses_are_named(tmp_path):
    _files(tmp_path, "7_ann_1.wav", "x_ann_2.wav")
    with pytest.raises(Stop, match=r"label: pattern .* no usable name for 1 of 2 files \(first: 'x_ann_2.wav'\)"):
        read(tmp_path, _dataset_file(label={"pattern": r"^(\d)_"}, source={"pattern": "_([a-z]+)_"}))


def test_files_without_a_parent_are_named(tmp_path):
    _files(tmp_path, "1.wav")
    with pytest.raises(Stop, match="the folder's name gives no usable name for 1 of 1 files"):
        read(tmp_path, _dataset_file(label="parent", source="parent"))


def test_a_class_with_the_separator_is_refused(tmp_path):
    _files(tmp_path, "a|b/1.wav")
    with pytest.raises(Stop, match="no usable name"):
        read(tmp_path, _dataset_file(label="parent", source="parent"))


def test_other_files_are_left_out_and_reported(tmp_path, capsys):
    _files(tmp_path, "x/1.wav", "x/.hidden.wav")
    (tmp_path / "x" / "notes.txt").write_text("n")
    (tmp_path / "x" / "linked").symlink_to(tmp_path)
    assert len(read(tmp_path, _dataset_file(label="parent", source="parent"))) == 1
    assert "left out 3 files (not sound files): x/.hidden.wav, x/linked, x/notes.txt" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        ({"label": "parent"}, "source is missing"),
        ({"label": "folder", "source": "parent"}, "label is 'folder': must be `parent`"),
        ({"label": {"pattern": "("}, "source": "parent"}, "is no regular expression"),
        ({"label": {"pattern": "a"}, "source": "parent"}, "needs exactly one pair of round brackets"),
        ({"label": "parent", "source": "parent", "colour": "red"}, "colour is not a known key"),
        ({"label": {"table": {1: "a"}}, "source": "parent"}, "must be a text"),
    ],
)
def test_a_wrong_dataset_file_is_named(rules, sentence):
    with pytest.raises(Stop, match=sentence):
        _dataset_file(**rules)


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rules for names")
def test_upper_case_endings_count(tmp_path):
    _files(tmp_path, "x/1.WAV")
    assert len(read(tmp_path, _dataset_file(label="parent", source="parent"))) == 1


def test_the_fold_is_read_from_the_path(tmp_path):
    _files(tmp_path, "dogs/1-rex.wav", "cats/2-tom.wav")
    keys = _dataset_file(label="parent", source="parent", split={"pattern": r"/(\d)-"})
    assert keys.gives_split and not _dataset_file(label="parent", source="parent").gives_split
    assert [r.given for r in read(tmp_path, keys)] == ["2", "1"]
