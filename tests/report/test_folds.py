import json

import pandas as pd

from sourcewise.report import folds

CLIPS = pd.DataFrame(
    {"clip_id": [f"{k:02d}" for k in range(24)], "source": [f"s{k // 4}" for k in range(24)], "labels": ["a", "b"] * 12}
)


class Fold:
    """Fold k of three: two of six sources test, two validate."""

    def __init__(self, k, right, not_run=()):
        self._k, self._right, self._not_run = k, right, not_run

    def exists(self, path):
        return path.endswith("not_run.json") and path.split("/")[2] in self._not_run

    def read_text(self, path):
        if path.endswith("not_run.json"):
            return json.dumps({"reason": "no weights"})
        if path.endswith("labels.json"):
            return json.dumps({"type": "binary", "classes": ["a", "b"]})
        if path.endswith("thresholds.json"):
            return json.dumps({"a": 0.5, "b": 0.5})
        group = CLIPS["source"].str[1:].astype(int) // 2
        part = ((group - self._k) % 3).map({0: "test", 1: "validation", 2: "train"})
        if path.endswith("split.csv"):
            return CLIPS.assign(split=part, parent=CLIPS["clip_id"]).to_csv(index=False)
        is_a = CLIPS["labels"].eq("a") == self._right(path.split("/")[2], CLIPS.index)
        table = CLIPS[["clip_id"]].assign(split=part, **{"p(a)": is_a * 0.8 + 0.1, "p(b)": 0.9 - is_a * 0.8})
        return table[part != "train"].to_csv(index=False)


def _right(name, k):
    return (k % 8 != 3) if name == "svm" else (k % 4 == 0)


def _table(names, **options):
    return folds._table({"classifiers": dict.fromkeys(names)}, [Fold(k, _right, **options) for k in range(3)])


def test_every_recording_is_scored_once_and_pairs_are_tested():
    text = _table(["svm", "cnn"])
    assert text.startswith("24 recordings of 6 sources, each tested once.")
    svm, cnn = (line for line in text.splitlines() if line.startswith(("| svm", "| cnn")))
    assert svm.startswith("| svm        |      0.875 |    0.875 |") and cnn.startswith("| cnn        |      0.250 |")
    assert "1 of 1 differences in accuracy between two classifiers are statistically significant" in text
    assert text.endswith("Significantly worse than svm, the best on validation: cnn.")


def test_a_classifier_not_run_in_a_fold_is_in_no_pair():
    text = _table(["svm", "cnn", "yamnet"], not_run=("yamnet",))
    assert "| yamnet     | no weights       |" in text
    assert "1 of 1 differences" in text


def test_there_are_no_pairs_where_nothing_ran():
    assert "differences" not in _table(["yamnet"], not_run=("yamnet",))


class Several(Fold):
    """The same of clips that may carry several labels."""

    def read_text(self, path):
        return super().read_text(path).replace("binary", "multilabel")


def test_for_several_labels_micro_f1_is_the_selection_criterion():
    text = folds._table({"classifiers": {"svm": {}}}, [Several(k, _right) for k in range(3)])
    assert "| classifier | validation | micro F1 |" in text
    assert "| svm        |      0.875 |    0.875 |" in text
