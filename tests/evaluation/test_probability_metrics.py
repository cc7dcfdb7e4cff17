import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from sourcewise.datasets.task import Task
from sourcewise.evaluation.probability_metrics import areas, by_class, calibration, overall, roc

ONE_HOT = np.eye(3, dtype=bool)
THREE = Task("multiclass", ("a", "b", "c"))
SEVERAL = Task("multilabel", ("a", "b", "c"))


def _scores(task, y_true, p, sources=None):
    """By class, and overall; each clip is a source of its own if sources are not given."""
    p, sources = np.asarray(p, float), np.arange(len(y_true)) if sources is None else sources
    of_roc, area = areas(y_true, p, sources)
    classes = by_class(y_true, task.decide(p), p, task.classes, sources, of_roc)
    return classes, overall(task, y_true, p, classes, area, bins=10)


def _overall(task, y_true, p):
    return _scores(task, y_true, p)[1]


def test_classes_are_scikit_learns():
    rng = np.random.default_rng(0)
    y_true, p = ONE_HOT[rng.integers(0, 3, 90)], rng.dirichlet([1, 1, 1], 90)
    y_pred = THREE.decide(p)
    scores, overall = _scores(THREE, y_true, p)
    assert scores["b"]["clips"] == y_true[:, 1].sum()
    assert scores["b"]["f1"]["value"] == pytest.approx(f1_score(y_true[:, 1], y_pred[:, 1]), abs=5.1e-5)
    assert scores["b"]["average_precision"] == pytest.approx(average_precision_score(y_true[:, 1], p[:, 1]), abs=5.1e-5)
    expected = roc_auc_score(y_true.argmax(axis=1), p, multi_class="ovr", average="macro")
    assert overall["roc_auc"]["value"] == pytest.approx(expected, abs=1e-4)


def test_a_class_that_test_lacks_has_a_precision_only():
    p = np.array([[0.9, 0.1, 0.0], [0.2, 0.5, 0.3], [0.1, 0.1, 0.8]])
    scores, overall = _scores(THREE, ONE_HOT[[0, 1, 1]], p)
    undefined = {"value": None, "low": None, "high": None, "why": "no labels"}
    unknown = {"recall": None, "f1": undefined, "roc_auc": undefined, "average_precision": None}
    assert scores["c"] == {"clips": 0, "precision": 0.0} | unknown
    assert scores["a"]["roc_auc"] == {"value": 1.0, "low": None, "high": None, "why": "a class has 1 source"}
    assert overall["roc_auc"]["value"] == 0.875  # of a 1, of b 0.75, as two tie


def test_intervals_of_areas_are_over_sources():
    rng = np.random.default_rng(0)
    y_true = ONE_HOT[np.tile([0, 1, 2], 40)]
    p = rng.dirichlet([1, 1, 1], 120) + 0.2 * y_true
    sources = np.repeat(np.arange(20), 6)
    (a, *_), mean = areas(y_true, p, sources)
    assert a["low"] < a["value"] < a["high"] and mean["low"] < mean["value"] < mean["high"]
    assert mean["high"] - mean["low"] < a["high"] - a["low"]
    assert areas(y_true, p, np.zeros(120)) == areas(y_true, p, ["x"] * 120)
    assert areas(y_true, p, np.zeros(120))[1]["why"] == "1 source"
    # ten times the same clips of each source tell no more of other sources
    again, more = areas(np.repeat(y_true, 10, axis=0), np.repeat(p, 10, axis=0), np.repeat(sources, 10))
    assert (again[0], more) == (a, mean)


def test_a_test_of_one_class_has_no_area_under_the_curve():
    p = [[0.9, 0.1, 0.0]] * 3
    scores = _overall(THREE, ONE_HOT[[0, 0, 0]], p)
    assert scores["roc_auc"]["value"] is None and scores["mean_average_precision"] == 1


def test_log_loss_of_probabilities_0_and_1_is_finite():
    assert _overall(THREE, ONE_HOT[[0, 1]], [[1, 0, 0], [0, 1, 0]])["log_loss"] == pytest.approx(0, abs=1e-4)
    assert _overall(THREE, ONE_HOT[[0, 1]], [[0, 1, 0], [0, 1, 0]])["log_loss"] == pytest.approx(14.5087 / 2, abs=1e-3)
    assert _overall(THREE, ONE_HOT[[0, 1]], [[0.5, 0.5, 0], [0.5, 0.25, 0.25]])["log_loss"] == 1.0397  # 1.5 log 2


def test_the_calibration_error_is_the_distance_between_confidence_and_accuracy():
    scores = calibration(np.array([0.95, 0.95, 0.55, 0.55]), np.array([True, True, True, False]), bins=10)
    assert scores == {"error": 0.05, "bins": [[2, 0.55, 0.5], [2, 0.95, 1.0]]}
    assert calibration(np.array([1.0, 0.0]), np.array([True, False]), bins=10)["error"] == 0
    assert calibration(np.array([1.0, 1.0]), np.array([True, False]), bins=10)["error"] == 0.5


def test_calibrated_probabilities_have_a_small_calibration_error():
    rng = np.random.default_rng(0)
    p = rng.random(20_000)
    assert calibration(p, rng.random(20_000) < p, bins=10)["error"] < 0.02
    assert calibration(np.sqrt(p), rng.random(20_000) < p, bins=10)["error"] > 0.1


def test_calibration_is_of_the_most_probable_class_or_of_each_of_several_labels():
    one = _overall(THREE, ONE_HOT[[0, 1]], [[0.8, 0.1, 0.1], [0.7, 0.2, 0.1]])["calibration"]
    assert one == {"error": 0.45, "bins": [[1, 0.7, 0.0], [1, 0.8, 1.0]]}  # 0.7 and 0.2 away
    several = _overall(SEVERAL, np.array([[True, True, False]]), [[0.9, 0.4, 0.1]])["calibration"]
    assert [row[0] for row in several["bins"]] == [1, 1, 1]
    assert several["error"] == pytest.approx((0.1 + 0.6 + 0.1) / 3, abs=1e-4)


def test_lwlrap_weighs_labels_equally():
    # labels a and c rank 1 and 3 of the first clip, precisions 1 and 2/3; b ranks 2 of the second, precision 1/2
    y_true = np.array([[True, False, True], [False, True, False], [False, False, False]])
    p = [[0.9, 0.5, 0.1], [0.8, 0.7, 0.1], [0.5, 0.5, 0.5]]
    assert _overall(SEVERAL, y_true, p)["lwlrap"] == pytest.approx((1 + 2 / 3 + 1 / 2) / 3, abs=1e-4)
    assert _overall(SEVERAL, np.zeros((2, 3), bool), p[:2])["lwlrap"] is None


def test_the_roc_of_a_perfect_ranking_is_1_everywhere():
    y_true = np.array([[True, False], [False, True]])
    assert {y for _, y in roc(y_true, np.array([[0.9, 0.1], [0.2, 0.8]]))} == {1.0}
    assert roc(y_true, np.full((2, 2), 0.5))[20] == [0.5, 0.5]
    assert roc(np.zeros((2, 2), bool), np.full((2, 2), 0.5)) == []
