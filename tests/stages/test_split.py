import re

import numpy as np
import pandas as pd
import pytest

from sourcewise.core import params
from sourcewise.core.errors import Stop
from sourcewise.core.paths import COPIES
from sourcewise.datasets import manifest
from sourcewise.datasets.feasible import lacking
from sourcewise.datasets.folds import Split, n_folds
from sourcewise.datasets.manifest import COLUMNS
from sourcewise.datasets.split import SplitParams, given_split, grouped_split, merged, random_split, split
from sourcewise.datasets.task import Task

HALF = {"train": 0.5, "validation": 0.25, "test": 0.25}


def _params(**changes):
    content = {"method": "source", "merge_duplicates": True, "fractions": HALF, "folds": None, "seed": 0}
    return params.check(SplitParams, content | changes, "split")


def _clips(sources_of, clips=4):
    rows = [(name, f"{name}{k}") for name, n in sources_of.items() for k in range(n) for _ in range(clips)]
    return pd.DataFrame(rows, columns=["labels", "source"])


def _split(clips, **changes):
    return grouped_split(clips, Task.of(clips["labels"]), _params(**changes))


def _hold_out(clips, **changes):
    """The part of each clip in a split with one fold."""
    (names,) = _split(clips, **changes).T
    return names


def test_every_part_has_whole_sources_of_every_class():
    clips = _clips({"dog": 8, "cat": 4})
    names = _hold_out(clips)
    assert (pd.Series(names).groupby(clips["source"]).nunique() == 1).all()
    assert {part: set(clips["labels"][names == part]) for part in HALF} == {part: {"dog", "cat"} for part in HALF}
    assert [np.mean(names == part) for part in HALF] == [0.5, 0.25, 0.25]


def test_folds_test_every_source_once():
    clips = _clips({"dog": 6, "cat": 3})
    parts = _split(clips, folds=3)
    tested, validated = ([set(clips["source"][of == part]) for of in parts.T] for part in ("test", "validation"))
    assert set.union(*tested) == set(clips["source"])
    assert sum(map(len, tested)) == 9
    assert validated == [tested[1], tested[2], tested[0]]


def test_all_leaves_one_source_out_where_each_has_every_class():
    clips = pd.DataFrame(
        [(label, f"s{k}") for k in range(7) for label in ("dog", "cat") for _ in range(k + 1)],
        columns=["labels", "source"],
    )
    parts = _split(clips, folds="all")
    assert parts.shape == (56, 7)
    assert [clips["source"][of == "test"].nunique() for of in parts.T] == [1] * 7


@pytest.mark.parametrize(("n", "folds"), [(19, 19), (25, 20)])
def test_all_is_as_many_as_the_rarest_class_has_sources_and_at_most_twenty(n, folds):
    assert _split(_clips({"dog": 40, "cat": n}, clips=1), folds="all").shape[1] == folds
    assert _split(_clips({"dog": 40, "cat": 25}, clips=1), folds=22).shape[1] == 22  # a number says so


@pytest.mark.parametrize("folds", [None, "all", 3])
def test_no_source_and_no_copy_of_it_is_on_two_sides_of_any_fold(folds):
    n_split = 0
    for seed in range(200):
        rng = np.random.default_rng([seed, 7])
        n_sources, n_classes = rng.integers(6, 25), rng.integers(1, 5)
        source = rng.integers(n_sources, size=300)
        labels = rng.integers(n_classes, size=300) if seed % 2 else source % n_classes
        names = [f"s{k}" for k in source]
        clips = pd.DataFrame({"labels": [f"c{k}" for k in labels], "source": names, "given": "", "path": names})
        clips["clip_id"] = [f"clip{k}" for k in range(300)]
        pairs = pd.DataFrame({"clip_id": ["clip0"], "other": [f"clip{rng.integers(1, 300)}"]})
        task = Task.of(clips["labels"], 1)
        try:
            made = split(clips, pairs, task, _params(folds=folds, seed=seed))
        except Stop:
            continue  # a class has too few sources
        n_split += 1
        of_source = pd.DataFrame(made.parts).groupby(made.clips["source"].to_numpy()).nunique()
        assert (of_source == 1).all(axis=None) and not made.shared_sources()
        assert (made.parts[0] == made.parts[pairs["other"].str[4:].astype(int)[0]]).all()
        for fold in made.folds:
            for part in HALF:
                assert task.targets(made.clips["labels"])[made.rows(fold, part)].any(axis=0).all()
    assert n_split > 120


@pytest.mark.parametrize(
    ("sources_of", "changes", "sentence"),
    [
        ({"dog": 5, "snake": 1}, {}, "class 'snake' has 1 source, needs 3, one for each part: record more"),
        ({"dog": 5, "snake": 2}, {}, "class 'snake' has 2 sources, needs 3"),
        ({"dog": 1, "snake": 2}, {}, "it would suffice to add sources, 2 of class 'dog', 1 of class 'snake'$"),
        ({"dog": 5, "cat": 5}, {"folds": 6}, "class 'cat' has 5 sources, needs 6.*lower split.folds"),
    ],
)
def test_what_cannot_be_split_is_refused(sources_of, changes, sentence):
    with pytest.raises(Stop, match=sentence):
        _split(_clips(sources_of), **changes)


def test_an_impossible_split_says_so_and_what_would_suffice():
    """Each class is of three of four speakers: two of them share a part, so each other part lacks a class."""
    who = {"a": "123", "b": "124", "c": "134", "d": "234"}
    clips = pd.DataFrame([(k, s) for k, of in who.items() for s in of], columns=["labels", "source"])
    with pytest.raises(Stop, match="No split of 4 sources into 3 parts has every class in each part: it would") as stop:
        _split(clips)
    assert "seed" not in str(stop.value)
    added = re.findall(r"(\d+) of class '(\w)'", str(stop.value))
    assert len(added) == 2  # one class for each of the parts of a single speaker
    more = pd.DataFrame([(k, f"new {k}") for _, k in added], columns=["labels", "source"])
    carries = pd.crosstab(*pd.concat([clips, more])[["source", "labels"]].to_numpy().T).to_numpy() > 0
    assert lacking(carries, 3).tolist() == [0, 0, 0, 0]


def test_a_part_that_lacks_a_class_is_named(monkeypatch):
    clips = _clips({"dog": 4, "cat": 4})
    monkeypatch.setattr(
        "sourcewise.datasets.split.assign", lambda sources, *_, **__: np.where(clips["source"] == "dog0", 2, 0)
    )
    with pytest.raises(
        Stop,
        match="'cat', 'dog' was assigned to validation. Another split exists: try another split.seed",
    ):
        _split(clips)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"fractions": {"train": 0.9, "test": 0.1}}, "fractions: must name train, validation, test"),
        ({"fractions": HALF | {"test": 0.5}}, "must name train, validation, test, each above 0, 1 together"),
        ({"fractions": HALF | {"test": -0.25, "train": 1.0}}, "each above 0"),
        ({"folds": 2}, "folds is 2: must be at least 3"),
        ({"folds": "each"}, "folds is 'each'"),
        ({"fold": 0}, "fold is not a known key"),
        ({"method": "clip"}, "method is 'clip': must be 'source', 'given' or 'random'"),
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


def _given(parts, labels=("dog", "cat"), **changes):
    """A clip of each label in each of these parts, each of a source of its own."""
    rows = [(label, f"{label}{i}", f"{label}{i}.wav", part) for i, part in enumerate(parts) for label in labels]
    clips = pd.DataFrame(rows, columns=["labels", "source", "path", "given"])
    return clips, given_split(clips, Task.of(clips["labels"]), _params(method="given", **changes))


def test_a_split_is_read_as_it_was_written_and_copies_train_where_their_origins_do(in_tmp):
    clips = pd.DataFrame([[f"c{k}", *["x"] * 4, 0, 1, 0.1, 8000, 8000, "", "", ""] for k in range(3)], columns=COLUMNS)
    parts = np.array(
        [["train", "test", "validation"], ["validation", "train", "test"], ["test", "validation", "train"]]
    )
    Split(clips, parts).write()
    assert n_folds() == 3
    again = Split.read()
    assert again.clips.equals(clips) and (again.parts == parts).all()
    copies = clips.assign(origin=clips["clip_id"], clip_id=["c0-v-1", "c1-v-1", "c2-v-1"]).iloc[[2, 0]]
    manifest.write(copies, COPIES)
    both = Split.with_copies()
    assert both.clips["clip_id"].tolist() == ["c0", "c1", "c2", "c2-v-1", "c0-v-1"]
    assert both.parts[3:].tolist() == [["", "", "train"], ["train", "", ""]]
    assert both.rows(2, "train").tolist() == [2, 3]
    assert both.is_in("train").all() and both.is_in("test").tolist() == [True] * 3 + [False] * 2


def test_random_deals_out_clips_and_keeps_the_shares_of_classes():
    clips = _clips({"dog": 4, "cat": 4}, clips=8).assign(clip_id=lambda table: [f"c{i}" for i in table.index])
    (names,) = random_split(clips, Task.of(clips["labels"]), _params(method="random")).T
    assert [np.mean(names[clips["labels"] == "dog"] == part) for part in HALF] == [0.5, 0.25, 0.25]
    assert (pd.Series(names).groupby(clips["source"]).nunique() > 1).all()


def test_given_parts_are_taken_as_they_are():
    clips, parts = _given(["train", "test", "validation", "train"])
    assert parts[:, 0].tolist() == clips["given"].tolist()


@pytest.mark.parametrize("folds", ["all", 3])
def test_given_folds_are_counted_in_order_of_their_numbers(folds):
    clips, parts = _given(["10", "1", "2"], folds=folds)
    assert [dict(zip(clips["given"], names, strict=True)) for names in parts.T] == [
        {"1": "test", "2": "validation", "10": "train"},
        {"2": "test", "10": "validation", "1": "train"},
        {"10": "test", "1": "validation", "2": "train"},
    ]


def test_a_given_split_without_validation_takes_it_from_train_by_source(capsys):
    clips = pd.concat([_given(["train"] * 6 + ["test"])[0]] * 3, ignore_index=True)
    (names,) = given_split(clips, Task.of(clips["labels"]), _params(method="given")).T
    assert (names[clips["given"] == "test"] == "test").all()
    assert pd.Series(names).value_counts().to_dict() == {"train": 24, "validation": 12, "test": 6}  # two to one
    assert (pd.Series(names).groupby(clips["source"]).nunique() == 1).all()
    assert "no validation: it is taken from train, by source" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("parts", "changes", "sentence"),
    [
        (["train", ""], {}, "2 of 4 clips are in no part .first: 'dog1.wav'.: set split, columns.split or lists"),
        (["train", "1"], {}, "some clips the number of a fold, others the name of a part"),
        (["train", "validation"], {}, "the given split has no test, only train, validation"),
        (["train", "test"], {"folds": 3}, "folds is 3, but the dataset file gives parts by name"),
        (["1", "2", "3"], {}, r"gives 3 folds \(1, 2, 3\): set split.folds to all"),
        (["1", "2", "3", "4"], {"folds": 3}, r"gives 4 folds \(1, 2, 3, 4\): set split.folds to all"),
        (["1", "2"], {"folds": "all"}, r"gives 2 folds \(1, 2\): three are needed"),
    ],
)
def test_what_is_given_wrongly_is_refused(parts, changes, sentence):
    with pytest.raises(Stop, match=sentence):
        _given(parts, **changes)


def test_a_given_train_that_lacks_a_class_is_refused():
    clips, _ = _given(["train", "validation", "test"])
    clips = clips[(clips["labels"] == "dog") | (clips["given"] != "train")]
    with pytest.raises(Stop, match="train has no clip of class 'cat'"):
        given_split(clips, Task.of(clips["labels"]), _params(method="given"))
