import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sourcewise.core.paths import SPLIT
from sourcewise.datasets import manifest
from sourcewise.datasets.task import Task
from sourcewise.storage.files import read_json, write_json
from stages import evaluate


def _settings(folder, bins=10):
    text = f"evaluate: {{bins: {bins}, ensemble: 10}}\ntrain: {{threshold: null}}\n"
    (folder / "params.yaml").write_text(text)
    write_json("metrics/audit.json", {"leakage": {}, "findings": []})


@pytest.fixture
def scored(in_tmp):
    """A function that evaluates clips, rows (clip_id, labels, source, parent, split, p of class a)."""

    def _evaluate(rows, classes=("a", "b"), task_type="binary", threshold=0.5):
        _settings(in_tmp)
        Task(task_type, classes).write()
        split = pd.DataFrame(rows, columns=["clip_id", "labels", "source", "parent", "split", "p(a)"])
        manifest.write(split.drop(columns="p(a)").rename(columns={"split": "fold_0"}), SPLIT)
        held = split[split["split"] != "train"].assign(fold=0, **{"p(b)": 1 - split["p(a)"]})
        manifest.write(held[["clip_id", "fold", "split", "p(a)", "p(b)"]], "data/predictions/svm/probabilities.csv")
        write_json("data/predictions/svm/thresholds.json", [{"a": 1 - threshold, "b": threshold}])
        evaluate.write_scores(["svm"])
        return read_json("metrics/classifiers/svm.json")

    return _evaluate


def test_what_one_constant_prediction_scores_by_definition_has_no_width(scored):
    rows = [(f"{s}-{k}", "ab"[k % 2], s, f"{s}-{k}", "test", 0.9 - k % 2 * 0.8) for s in "xyz" for k in range(4)]
    scored([("t-0", "a", "ann", "t", "train", 0), ("v-0", "b", "bea", "v", "validation", 0.2), *rows])
    of = read_json("metrics/classifiers/majority.json")
    exact = of["test"]["balanced_accuracy"], of["probabilities"]["roc_auc"], of["classes"]["a"]["roc_auc"]
    assert exact == ({"value": 0.5, "low": 0.5, "high": 0.5},) * 3
    assert of["test"]["accuracy"]["low"] < 0.5 < of["test"]["accuracy"]["high"]


def _accuracy(scores_of):
    return {
        part: (scores["accuracy"]["value"], scores["clips"])
        for part, scores in scores_of.items()
        if "accuracy" in scores
    }


ROWS = [
    ("t-0", "a", "ann", "t", "train", 0),
    ("v-0", "b", "bea", "v", "validation", 0.2),
    ("v-1", "b", "bea", "v", "validation", 0.7),
    ("x-0", "a", "cid", "x", "test", 0.9),
    ("x-1", "a", "cid", "x", "test", 0.4),
    ("x-2", "a", "cid", "x", "test", 0.4),
    ("y-0", "b", "dan", "y", "test", 0.1),
]


def test_a_recording_may_be_right_though_most_of_its_segments_are_wrong(scored):
    scores = scored(ROWS[:6])  # 0.9, 0.4 and 0.4 are 0.567 on average
    assert list(scores) == [
        *("validation", "test", "selection", "averages", "classes", "probabilities", "roc", "confusion", "by_source"),
        *("folds", "validation_segments", "test_segments", "thresholds"),
    ]
    assert _accuracy(scores) == {
        "validation": (1.0, 1),
        "test": (1.0, 1),
        "validation_segments": (0.5, 2),
        "test_segments": (0.3333, 3),
    }
    assert scores["confusion"] == [["a", "a", 1], ["a", "b", 0], ["b", "a", 0], ["b", "b", 0]]
    assert list(scores["averages"]) == ["micro", "macro", "weighted", "samples"]
    assert scores["averages"]["macro"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5}  # b is absent
    assert scores["averages"]["weighted"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0}


def test_the_confusion_and_the_sources_are_those_of_recordings(scored):
    scores = scored(ROWS)
    assert _accuracy(scores)["test"] == (1.0, 2)
    assert _accuracy(scores)["test_segments"] == (0.5, 4)
    assert scores["test"]["sources"] == scores["test_segments"]["sources"] == 2
    assert scores["confusion"] == [["a", "a", 1], ["a", "b", 0], ["b", "a", 0], ["b", "b", 1]]


def test_whole_recordings_have_no_scores_of_segments(scored):
    scores = scored([(clip_id, labels, source, clip_id, *rest) for clip_id, labels, source, _, *rest in ROWS])
    assert _accuracy(scores) == {"validation": (0.5, 2), "test": (0.5, 4)}
    assert scores["confusion"] == [["a", "a", 1], ["a", "b", 2], ["b", "a", 0], ["b", "b", 1]]


def test_a_recording_carries_the_labels_of_all_its_segments(scored):
    rows = [
        ("t-0", "a", "ann", "t", "train", 0),
        ("v-0", "a", "bea", "v", "validation", 0.9),
        ("x-0", "a|b", "cid", "x", "test", 0.5),
        ("x-1", "", "cid", "x", "test", 0.5),
    ]
    scores = scored(rows, task_type="multilabel")  # 0.5 of each class: both are predicted
    assert _accuracy(scores)["test"] == (1.0, 1)
    assert _accuracy(scores)["test_segments"] == (0.5, 2)
    assert scores["test"]["micro_f1"]["value"] == 1.0
    assert scores["validation"]["micro_f1"]["value"] == 1.0  # at 0.5, 0.9 is a and 0.1 is no b


def test_of_one_label_a_clip_micro_f1_would_be_the_accuracy(scored):
    assert "micro_f1" not in scored(ROWS)["test"]


def test_decisions_are_by_the_stored_thresholds(scored):
    rows = [(clip_id, labels, source, clip_id, *rest) for clip_id, labels, source, _, *rest in ROWS]
    scores = scored(rows, threshold=0.65)  # b from 0.65 on: of test 0.9, 0.4, 0.4 and 0.1 of a, b is the last
    assert scores["confusion"] == [["a", "a", 3], ["a", "b", 0], ["b", "a", 0], ["b", "b", 1]]
    assert scores["thresholds"] == [{"a": 0.35, "b": 0.65}]


def test_a_classifier_that_was_not_run_says_why(scored):
    scored(ROWS)
    write_json("data/predictions/svm/not_run.json", {"reason": "no weights"})
    evaluate.write_scores(["svm"])
    assert read_json("metrics/classifiers/svm.json") == {"not_run": "no weights"}


def test_the_learning_curves_of_all_folds_are_kept(in_tmp, scored):
    (in_tmp / "data/predictions/svm").mkdir(parents=True)
    (in_tmp / "data/predictions/svm/history.csv").write_text("epoch,validation_loss,fold\n0,1.5,0\n1,0.25,0\n0,2.5,1\n")
    assert scored(ROWS)["history"] == [
        {"epoch": [0, 1], "validation_loss": [1.5, 0.25]},
        {"epoch": [0], "validation_loss": [2.5]},
    ]


def test_several_labels_get_their_metrics_with_the_thresholds_that_decided(in_tmp):
    # of 12 sources with 5 recordings each, class a is predicted perfectly, b at chance, c never occurs in test
    _settings(in_tmp, bins=5)
    Task("multilabel", ("a", "b", "c")).write()
    rng = np.random.default_rng(0)
    y_true = rng.random((60, 2)) < 0.5
    labels = ["|".join(name for name, x in zip("ab", row, strict=True) if x) for row in y_true] + ["c", "a|b"]
    split = pd.DataFrame({"clip_id": [f"{k:02d}" for k in range(62)], "labels": labels})
    split["parent"], split["source"] = split["clip_id"], [f"s{k % 12:02d}" for k in range(60)] + ["v", "w"]
    parts = ["test"] * 60 + ["validation", "train"]
    manifest.write(split.assign(fold_0=parts), SPLIT)
    p = np.vstack([np.column_stack([0.3 + 0.4 * y_true[:, 0], rng.random(60), np.zeros(60)]), np.full((2, 3), 0.5)])
    table = split[["clip_id"]].assign(fold=0, split=parts)
    table = table[table["split"] != "train"]
    table = table.assign(**{f"p({name})": p[:61, k].round(6) for k, name in enumerate("abc")})
    manifest.write(table, "data/predictions/svm/probabilities.csv")
    write_json("data/predictions/svm/thresholds.json", [{"a": 0.4, "b": 0.5, "c": 0.5}])
    evaluate.write_scores(["svm"])
    scores = read_json("metrics/classifiers/svm.json")
    classes, plain = scores["classes"], ("precision", "recall", "average_precision")
    assert [classes["a"][key] for key in plain] == [1, 1, 1] and [classes["c"][key] for key in plain] == [None] * 3
    for key in ("f1", "roc_auc"):
        assert classes["a"][key]["value"] == 1 and 0.6 < classes["a"][key]["low"] < classes["a"][key]["high"] == 1
        assert classes["c"][key] == {"value": None, "low": None, "high": None, "why": "no labels"}
    b = classes["b"]["roc_auc"]  # of chance
    assert b["value"] == pytest.approx(0.5, abs=0.2) and 0.2 < b["low"] < 0.5 < b["high"] < 0.8
    assert set(scores["averages"]) == {"micro", "macro", "weighted", "samples"}
    assert scores["averages"]["micro"]["f1"]["low"] < scores["averages"]["micro"]["f1"]["value"]
    overall = scores["probabilities"]
    assert set(overall) == {"roc_auc", "mean_average_precision", "lwlrap", "calibration"}
    b = scores["classes"]["b"]["average_precision"]
    assert overall["mean_average_precision"] == pytest.approx((1 + b) / 2, abs=1e-4)  # c is left out
    assert scores["confusion"][0] == ["a", "a", int(y_true[:, 0].sum())]
    assert len(scores["confusion"]) == 3 * 4
    assert scores["thresholds"] == [{"a": 0.4, "b": 0.5, "c": 0.5}]
    assert scores["by_source"]["s00"][0] == 5


def test_of_one_classifier_there_is_no_ensemble_and_its_folders_say_why(scored):
    scored(ROWS)
    why = "it averages 2 classifiers and more: 1 classifier ran, evaluate.ensemble is 10"
    for folder in ("data/ensemble", "models/classifiers/ensemble"):
        assert read_json(f"{folder}/not_run.json") == {"reason": why}
    assert sorted(path.name for path in Path("metrics/classifiers").iterdir()) == ["majority.json", "svm.json"]
    verdict = read_json("metrics/verdict.json")
    assert verdict["chosen"]["name"] == "svm" and 5 <= len(verdict["sentences"]) <= 8


def test_the_ensemble_is_scored_as_any_other(in_tmp, scored):
    rows = [(clip_id, labels, source, clip_id, *rest) for clip_id, labels, source, _, *rest in ROWS]
    scored(rows)
    shutil.copytree("data/predictions/svm", "data/predictions/twin")
    evaluate.write_scores(["svm", "twin"])
    ensemble, svm = (read_json(f"metrics/classifiers/{name}.json") for name in ("ensemble", "svm"))
    assert [set(of) for of in ensemble["members"]] == [{"svm", "twin"}]
    assert set(ensemble) == {*svm, "members"} and ensemble["confusion"] == svm["confusion"]
    assert read_json("models/classifiers/ensemble/config.json") == {"members": ensemble["members"]}
