"""The split as a list of folds: what each holds, and what all hold together."""

import numpy as np
import pandas as pd

from sourcewise.core.paths import SPLIT
from sourcewise.datasets.folds import Split, n_folds

CLIPS = pd.DataFrame({"clip_id": list("abcdef"), "source": ["x", "x", "y", "y", "z", "z"]})
PARTS = [
    ["test", "train", "validation"],
    ["test", "train", "validation"],
    ["validation", "test", "train"],
    ["validation", "train", "train"],  # source y is on two sides of the second fold
    ["train", "validation", "test"],
    ["", "validation", "test"],  # in no part of the first
]
MADE = Split(CLIPS, np.array(PARTS))


def test_rows_of_a_part_are_of_one_fold():
    assert list(MADE.folds) == [0, 1, 2]
    assert [MADE.rows(0, part).tolist() for part in ("train", "validation", "test")] == [[4], [2, 3], [0, 1]]
    assert [MADE.rows(fold, "train").tolist() for fold in MADE.folds] == [[4], [0, 1, 3], [2, 3]]


def test_a_part_of_some_fold():
    assert MADE.is_in("train").tolist() == [True, True, True, True, True, False]
    assert MADE.is_in("test").tolist() == [True, True, True, False, True, True]


def test_the_clips_of_a_fold_have_its_parts():
    of_fold = MADE.of_fold(1)
    assert of_fold["clip_id"].tolist() == list("abcdef")
    assert of_fold["split"].tolist() == ["train", "train", "test", "train", "validation", "validation"]


def test_a_source_is_shared_where_one_fold_has_it_in_several_parts():
    assert MADE.shared_sources() == ["y", "z"]
    rows = [0, 1, 2, 4]
    assert Split(CLIPS.iloc[rows], MADE.parts[rows]).shared_sources() == []


def test_a_column_of_the_file_is_a_fold(in_tmp):
    rows = CLIPS.assign(labels="l", parent=CLIPS["clip_id"])
    Split(rows, MADE.parts).write()
    assert SPLIT.read_text().splitlines()[:2] == [
        "clip_id,source,labels,parent,fold_0,fold_1,fold_2",
        "a,x,l,a,test,train,validation",
    ]
    assert n_folds() == 3
    read = Split.read()
    assert read.parts.tolist() == PARTS and read.clips.columns.tolist() == rows.columns.tolist()
