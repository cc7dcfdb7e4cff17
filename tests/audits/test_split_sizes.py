import numpy as np
import pandas as pd

from sourcewise.audits.split_sizes import findings, parts, summary

CLASSES = ("cat", "dog")


def _split(rows):
    """(source, label, part, seconds) a clip."""
    split = pd.DataFrame(rows, columns=["source", "labels", "split", "duration_s"])
    split["clip_id"] = [f"c{i}" for i in range(len(rows))]
    return split, np.array([[label == name for name in CLASSES] for label in split["labels"]])


EVEN = [(f"{label}{part}", label, part, 1.5) for label in CLASSES for part in ("train", "validation", "test")] * 2


def test_each_class_and_part_has_its_row():
    table = parts(*_split(EVEN), CLASSES).set_index(["class", "split"])
    assert len(table) == 9
    assert table.loc[("dog", "test")].tolist() == [1, 2, 3.0]
    assert table.loc[("all", "train")].tolist() == [2, 4, 6.0]


def test_an_even_split_by_source_gives_no_finding():
    found = summary(*_split(EVEN), CLASSES, method="source")
    expected = {"method": "source", "lacks": {}, "stratification": {"max": 0, "mean": 0}, "two_sides": []}
    assert found == expected
    assert findings(found, 6) == []


def test_what_is_uneven_lacking_and_two_sided_is_named():
    rows = [("a", "cat", "train", 1), ("a", "dog", "train", 1), ("a", "cat", "test", 1), ("b", "dog", "validation", 1)]
    found = summary(*_split(rows), CLASSES, method="given")
    assert found["lacks"] == {"validation": ["cat"], "test": ["dog"]}
    assert found["stratification"] == {"max": 0.5, "mean": 0.3333}  # of cat: 0.5, all in test, none in validation
    assert found["two_sides"] == ["a"]
    assert [finding.text for finding in findings(found, 2)] == [
        "1 of 2 sources has clips in several parts of the split (`a`): scores are too good by what a classifier "
        "remembers of them.",
        "No clip of validation carries `cat`: its scores say nothing of that.",
        "No clip of test carries `dog`: its scores say nothing of that.",
    ]


def test_dealing_out_at_random_is_always_a_finding():
    found = summary(*_split(EVEN), CLASSES, method="random")
    (finding,) = findings(found, 6)
    assert finding.category == "split" and finding.text.startswith("Clips were dealt out at random (split.method)")
