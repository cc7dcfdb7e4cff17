"""Predictions of two folds: pooled for the scores, each by the thresholds of its own fold."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sourcewise.datasets import manifest
from sourcewise.datasets.task import Task
from sourcewise.evaluation import choice, predictions
from sourcewise.evaluation.evaluate import EvaluateParams, scores_of
from sourcewise.storage.files import write_json

TASK = Task("binary", ("a", "b"))
FOLDER = Path("data/predictions/svm")
#: Of each clip: labels, source, recording, and p(b) by the models of fold 0 and of fold 1. Source s is tested by fold 0
#: and validates in fold 1, source t the reverse. b is predicted from 0.3 on in fold 0, from 0.6 on in fold 1.
CLIPS = {
    "u": ("b", "t", "u", 0.35, 0.7),
    "v": ("a", "t", "v", 0.35, 0.5),
    "x": ("b", "s", "x", 0.4, 0.9),
    "y": ("a", "s", "y", 0.2, 0.1),
    "z-0": ("a", "s", "z", 0.48, 0.9),
    "z-1": ("a", "s", "z", 0.32, 0.1),
}


@pytest.fixture
def clips(in_tmp):
    """The table of clips, whose predictions are stored."""
    table = pd.DataFrame.from_dict(CLIPS, orient="index", columns=["labels", "source", "parent", "0", "1"])
    rows = []
    for fold in (0, 1):
        for part in ("validation", "test"):
            tested = table["source"] == "st"[fold if part == "test" else 1 - fold]
            rows += [(clip_id, fold, part, 1 - p, p) for clip_id, p in table[str(fold)][tested].items()]
    table_of = pd.DataFrame(rows, columns=["clip_id", "fold", "split", "p(a)", "p(b)"])
    manifest.write(table_of, FOLDER / predictions.PROBABILITIES)
    write_json(FOLDER / predictions.THRESHOLDS, [{"a": 0.7, "b": 0.3}, {"a": 0.4, "b": 0.6}])
    return table.rename_axis("clip_id").reset_index()


def test_clips_are_pooled_with_their_fold_and_its_thresholds(clips):
    of = predictions.of_clips(FOLDER, clips, TASK, "test")
    assert of.rows.index.tolist() == ["x", "y", "z-0", "z-1", "u", "v"]
    assert of.folds.tolist() == [0, 0, 0, 0, 1, 1]
    assert of.sources.tolist() == ["s", "s", "s", "s", "t", "t"]
    assert of.y_score[:, 1].tolist() == [0.4, 0.2, 0.48, 0.32, 0.7, 0.5]
    assert of.thresholds.tolist() == [[0.7, 0.3]] * 4 + [[0.4, 0.6]] * 2
    assert of.y_true[:, 1].tolist() == [True, False, False, False, True, False]
    assert of.y_pred[:, 1].tolist() == [True, False, True, True, True, False]


def test_recordings_are_the_mean_of_their_clips_in_their_fold(clips):
    of = predictions.of_recordings(FOLDER, clips, TASK, "validation")
    assert of.rows["parent"].tolist() == ["u", "v", "x", "y", "z"] and of.folds.tolist() == [0, 0, 1, 1, 1]
    assert of.y_score[:, 1] == pytest.approx([0.35, 0.35, 0.9, 0.1, 0.5])
    assert of.y_pred[:, 1].tolist() == [True, True, True, False, False]  # z would be b from 0.3 on


def test_the_fold_that_tests_a_clip(clips):
    assert predictions.fold_of_test(FOLDER) == {"x": 0, "y": 0, "z-0": 0, "z-1": 0, "u": 1, "v": 1}


def _scores(clips, task):
    parts = (predictions.of_recordings(FOLDER, clips, task, part) for part in ("validation", "test"))
    return scores_of(choice.candidate(*parts, task), task, EvaluateParams(bins=10, ensemble=0))


def test_scores_are_pooled_with_those_of_each_fold_beside(clips):
    scores = _scores(clips, TASK)
    assert (scores["test"]["accuracy"]["value"], scores["test"]["clips"], scores["test"]["sources"]) == (0.8, 5, 2)
    assert scores["validation"]["accuracy"]["value"] == 0.8
    assert len(scores["selection"]["of_folds"]) == len(scores["selection"]["temperatures"]) == 2
    # from 0.3 on for all, v would be b; from 0.6 on, x and z would be a
    assert scores["confusion"] == [("a", "a", 2), ("a", "b", 1), ("b", "a", 0), ("b", "b", 2)]
    assert scores["by_source"] == {"s": [3, 2], "t": [2, 2]}
    # of fold 0, x and y are right and z is not: recall of a 1/2, of b 1; F1 of both 2/3
    first = {"accuracy": 0.6667, "balanced_accuracy": 0.75, "f1": 0.6667, "clips": 3, "sources": 1}
    second = {"accuracy": 1.0, "balanced_accuracy": 1.0, "f1": 1.0, "clips": 2, "sources": 1}
    assert [{key: of[key] for key in first} for of in scores["folds"]] == [first, second]
    # the recordings' p(b), 0.4, 0.2, 0.4, 0.7, 0.5, with b at 0.4 and 0.7: 4.5 of 6 pairs in order
    assert scores["probabilities"]["roc_auc"]["value"] == pytest.approx(0.75)


def test_micro_f1_of_several_labels_is_pooled(clips):
    scores = _scores(clips, Task("multilabel", ("a", "b")))
    # p(a) is predicted from 0.7 on in fold 0, where z has 0.6, and from 0.4 on in fold 1
    # true (a, b): x 01, y 10, z 10, u 01, v 10; predicted: x 01, y 10, z 01, u 01, v 10
    assert scores["test"]["micro_f1"]["value"] == 0.8
    assert [of["micro_f1"] for of in scores["folds"]] == [0.6667, 1.0]
    assert np.isclose(scores["test"]["accuracy"]["value"], 0.8)
