import numpy as np
import pandas as pd
import pytest

from stages.core import params
from stages.core.stop import Stop
from stages.core.task import Task
from stages.split import SplitParams, by_source, merged

HALF = {"train": 0.5, "validation": 0.25, "test": 0.25}


def _params(**changes):
    return params.check(
        SplitParams,
        {"merge_duplicates": True, "fractions": HALF, "folds": 3, "fold": None, "seed": 0} | changes,
        "split",
    )


def _clips(sources_of, clips=4):
    rows = [(name, f"{name}{k}") for name, n in sources_of.items() for k in range(n) for _ in range(clips)]
    return pd.DataFrame(rows, columns=["labels", "source"])


def _split(clips, **changes):
    return by_source(clips, Task.of(clips["labels"]), _params(**changes))


def test_every_part_has_whole_sources_of_every_class():
    clips = _clips({"dog": 8, "cat": 4})
    names = _split(clips)
    assert (pd.Series(names).groupby(clips["source"]).nunique() == 1).all()
    assert {part: set(clips["labels"][names == part]) for part in HALF} == {part: {"dog", "cat"} for part in HALF}
    assert [np.mean(names == part) for part in HALF] == [0.5, 0.25, 0.25]


def test_folds_test_every_source_once():
    clips = _clips({"dog": 6, "cat": 3})
    tested = [set(clips["source"][_split(clips, fold=k) == "test"]) for k in range(3)]
    assert set.union(*tested) == set(clips["source"])
    assert sum(map(len, tested)) == 9
    validated = set(clips["source"][_split(clips, fold=0) == "validation"])
    assert validated == tested[1]


@pytest.mark.parametrize(
    ("sources_of", "changes", "sentence"),
    [
        ({"dog": 5, "snake": 1}, {}, "class 'snake' has 1 source, needs 3, one for each part: record more"),
        ({"dog": 5, "snake": 2}, {}, "class 'snake' has 2 sources, needs 3"),
        ({"dog": 5, "cat": 5}, {"folds": 6, "fold": 0}, "class 'cat' has 5 sources, needs 6.*lower split.folds"),
    ],
)
def test_what_cannot_be_split_is_refused(sources_of, changes, sentence):
    with pytest.raises(Stop, match=sentence):
        _split(_clips(sources_of), **changes)


def test_a_part_that_lacks_a_class_is_named(monkeypatch):
    clips = _clips({"dog": 4, "cat": 4})
    monkeypatch.setattr("stages.split.assign", lambda sources, *_, **__: np.where(clips["source"] == "dog0", 2, 0))
    with pytest.raises(Stop, match="no source of class 'cat', 'dog' fell to validation: try another split.seed"):
        _split(clips)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"fractions": {"train": 0.9, "test": 0.1}}, "fractions: must name train, validation, test"),
        ({"fractions": HALF | {"test": 0.5}}, "must name train, validation, test, each above 0, 1 together"),
        ({"fractions": HALF | {"test": -0.25, "train": 1.0}}, "each above 0"),
        ({"folds": 2}, "folds is 2: input should be greater than or equal to 3"),
        ({"fold": 3}, r"fold is 3, must be null, or lie from 0 to 2 \(folds - 1\)"),
        ({"fold": "all"}, "fold is 'all'"),
    ],
)
def test_wrong_parameters_are_named(changes, sentence):
    with pytest.raises(Stop, match=sentence):
        _params(**changes)


def test_sources_that_share_a_recording_are_one():
    pairs = pd.DataFrame({"clip_id": ["a1", "b2", "d1"], "other": ["b1", "c1", "d2"]})
    sources, clips = ["a", "b", "b", "c", "d", "d"], ["a1", "b1", "b2", "c1", "d1", "d2"]
    assert merged(sources, clips, pairs).tolist() == ["a+b+c"] * 4 + ["d"] * 2
    assert merged(sources, clips, pairs.iloc[:0]).tolist() == sources


def test_many_that_share_recordings_have_a_short_name():
    names = [f"s{k}" for k in range(5)]
    pairs = pd.DataFrame({"clip_id": names[:-1], "other": names[1:]})
    assert merged(names, names, pairs).tolist() == ["s0+4 others"] * 5
