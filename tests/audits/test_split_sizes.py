import numpy as np
import pandas as pd

from sourcewise.audits.split_sizes import findings, parts, summary
from sourcewise.datasets.folds import Split

CLASSES = ("cat", "dog")


def _split(rows):
    """rows: (source, label, part, or one for each fold, seconds) of each clip."""
    clips = pd.DataFrame(rows, columns=["source", "labels", "parts", "duration_s"])
    clips["clip_id"] = [f"c{i}" for i in range(len(rows))]
    made = Split(clips, np.array([part.split() for part in clips.pop("parts")]))
    return made, np.array([[label == name for name in CLASSES] for label in clips["labels"]])


EVEN = [(f"{label}{part}", label, part, 1.5) for label in CLASSES for part in ("train", "validation", "test")] * 2


def test_each_class_and_part_has_a_row():
    table = parts(*_split(EVEN), CLASSES)
    assert table.columns.tolist() == ["fold", "class", "split", "sources", "clips", "seconds"]
    assert (table.pop("fold") == 0).all()
    table = table.set_index(["class", "split"])
    assert len(table) == 9
    assert table.loc[("dog", "test")].tolist() == [1, 2, 3.0]
    assert table.loc[("all", "train")].tolist() == [2, 4, 6.0]


def test_an_even_grouped_split_gives_no_finding():
    sizes = summary(*_split(EVEN), CLASSES, method="source")
    expected = {"missing": {}, "stratification": {"max": 0, "mean": 0}, "shared_sources": [], "leaked": 0}
    assert sizes == {"method": "source", "folds": 1} | expected
    assert findings(sizes, 6, 2) == []


def test_uneven_parts_missing_classes_and_shared_sources_are_named():
    rows = [("a", "cat", "train", 1), ("a", "dog", "train", 1), ("a", "cat", "test", 1), ("b", "dog", "validation", 1)]
    sizes = summary(*_split(rows), CLASSES, method="given")
    assert sizes["missing"] == {"validation": ["cat"], "test": ["dog"]}
    assert sizes["stratification"] == {"max": 0.5, "mean": 0.3333}  # of cat: 0.5, all in test, none in validation
    assert sizes["shared_sources"] == ["a"]
    assert [finding.worth for finding in findings(sizes, 2, 2)] == [1, 0.5, 0.5]  # the one test clip leaks
    assert [finding.text for finding in findings(sizes, 2, 2)] == [
        "1 of 2 sources has clips in several parts of the split (`a`): scores are optimistic, as test holds sources "
        "seen in training.",
        "No clip of validation carries `cat`: its scores do not cover it.",
        "No clip of test carries `dog`: its scores do not cover it.",
    ]


def test_a_random_split_is_always_a_finding():
    sizes = summary(*_split(EVEN), CLASSES, method="random")
    (finding,) = findings(sizes, 6, 2)
    assert finding.category == "split" and finding.text.startswith("The split is random (split.method)")


#: Three folds of four sources of one clip a class; the fourth source has a cat alone, which trains in the first fold.
FOLDS = [
    (source, label, parts, seconds)
    for source, parts, seconds in (
        ("a", "test train validation", 1),
        ("b", "validation test train", 2),
        ("c", "train validation test", 4),
    )
    for label in CLASSES
] + [("d", "cat", "train validation test", 8)]


def test_each_fold_has_its_own_sizes():
    table = parts(*_split(FOLDS), CLASSES).set_index(["fold", "class", "split"])
    assert len(table) == 27
    of_cat = [table.loc[(fold, "cat", part)].tolist() for fold in range(3) for part in ("train", "validation", "test")]
    assert of_cat == [
        *([2, 2, 12.0], [1, 1, 2.0], [1, 1, 1.0]),
        *([1, 1, 1.0], [2, 2, 12.0], [1, 1, 2.0]),
        *([1, 1, 2.0], [1, 1, 1.0], [2, 2, 12.0]),
    ]
    assert [table.loc[(fold, "all", "test")].tolist() for fold in range(3)] == [[1, 2, 2.0], [1, 2, 4.0], [2, 3, 16.0]]


def test_the_summary_is_over_all_folds():
    sizes = summary(*_split(FOLDS), CLASSES, method="source")
    assert (sizes["folds"], sizes["missing"], sizes["shared_sources"]) == (3, {}, [])
    # cats are 4 of 7 clips: 1 of 2 in two parts of each fold, 2 of 3 in the third
    assert sizes["stratification"] == {"max": 0.0952, "mean": 0.0794}
    assert findings(sizes, 4, 2) == []


def test_what_is_wrong_in_one_fold_is_a_finding():
    rows = [
        *(
            ("a", "cat", "train test"),
            ("a", "dog", "train test"),
            ("b", "dog", "test train"),
            ("b", "dog", "train train"),
        ),
        *(("c", "cat", "validation validation"), ("c", "dog", "validation validation"), ("d", "cat", "test train")),
    ]
    sizes = summary(*_split([(*row, 1) for row in rows if row[0] != "d"]), CLASSES, method="random")
    assert sizes["missing"] == {"train": ["cat"], "test": ["cat"]}  # of the second, and of the first fold
    assert sizes["shared_sources"] == ["b"]  # in the first fold
    assert [finding.text for finding in findings(sizes, 3, 2)] == [
        "The split is random (split.method): 1 of 3 sources has clips in several parts of the split, so that all "
        "scores are optimistic and say nothing about unseen sources.",
        "No clip of train of some fold carries `cat`: its scores do not cover it.",
        "No clip of test of some fold carries `cat`: its scores do not cover it.",
    ]
    sizes = summary(*_split([(*row, 1) for row in rows]), CLASSES, method="random")
    assert sizes["missing"] == {}
