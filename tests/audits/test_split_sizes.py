import numpy as np
import pandas as pd

from sourcewise.audits.split_sizes import findings, parts, summary

CLASSES = ("cat", "dog")


def _split(rows):
    """rows: (source, label, part, seconds) of each clip."""
    split = pd.DataFrame(rows, columns=["source", "labels", "split", "duration_s"])
    split["clip_id"] = [f"c{i}" for i in range(len(rows))]
    return split, np.array([[label == name for name in CLASSES] for label in split["labels"]])


EVEN = [(f"{label}{part}", label, part, 1.5) for label in CLASSES for part in ("train", "validation", "test")] * 2


def test_each_class_and_part_has_a_row():
    table = parts(*_split(EVEN), CLASSES).set_index(["class", "split"])
    assert len(table) == 9
    assert table.loc[("dog", "test")].tolist() == [1, 2, 3.0]
    assert table.loc[("all", "train")].tolist() == [2, 4, 6.0]


def test_an_even_grouped_split_gives_no_finding():
    sizes = summary(*_split(EVEN), CLASSES, method="source")
    expected = {"method": "source", "missing": {}, "stratification": {"max": 0, "mean": 0}, "shared_sources": []}
    assert sizes == expected
    assert findings(sizes, 6) == []


def test_uneven_parts_missing_classes_and_shared_sources_are_named():
    rows = [("a", "cat", "train", 1), ("a", "dog", "train", 1), ("a", "cat", "test", 1), ("b", "dog", "validation", 1)]
    sizes = summary(*_split(rows), CLASSES, method="given")
    assert sizes["missing"] == {"validation": ["cat"], "test": ["dog"]}
    assert sizes["stratification"] == {"max": 0.5, "mean": 0.3333}  # of cat: 0.5, all in test, none in validation
    assert sizes["shared_sources"] == ["a"]
    assert [finding.text for finding in findings(sizes, 2)] == [
        "1 of 2 sources has clips in several parts of the split (`a`): scores are optimistic, as test holds sources "
        "seen in training.",
        "No clip of validation carries `cat`: its scores do not cover it.",
        "No clip of test carries `dog`: its scores do not cover it.",
    ]


def test_a_random_split_is_always_a_finding():
    sizes = summary(*_split(EVEN), CLASSES, method="random")
    (finding,) = findings(sizes, 6)
    assert finding.category == "split" and finding.text.startswith("The split is random (split.method)")
