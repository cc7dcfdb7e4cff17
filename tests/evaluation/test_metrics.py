import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, precision_recall_fscore_support

from sourcewise.datasets.task import Task
from sourcewise.evaluation.aggregation import by_recording
from sourcewise.evaluation.metrics import averages, balanced_parts, headline, micro_f1, score, tally

ONE_HOT = np.eye(3, dtype=bool)


def test_values_are_scikit_learns():
    rng = np.random.default_rng(0)
    y_true, y_pred = rng.integers(0, 3, 200), rng.integers(0, 3, 200)
    scores = score(ONE_HOT[y_true], ONE_HOT[y_pred], rng.integers(0, 9, 200))
    assert scores["accuracy"]["value"] == pytest.approx(accuracy_score(y_true, y_pred), abs=1e-4)
    assert scores["balanced_accuracy"]["value"] == pytest.approx(balanced_accuracy_score(y_true, y_pred), abs=1e-4)
    assert scores["f1"]["value"] == pytest.approx(f1_score(y_true, y_pred, average="macro"), abs=1e-4)
    assert (scores["clips"], scores["sources"]) == (200, 9)


def test_several_labels_are_scikit_learns():
    rng = np.random.default_rng(0)
    y_true, y_pred = rng.random((100, 4)) < 0.4, rng.random((100, 4)) < 0.4
    scores = score(y_true, y_pred, np.arange(100) % 7)
    assert scores["accuracy"]["value"] == pytest.approx(accuracy_score(y_true, y_pred), abs=1e-4)
    assert scores["f1"]["value"] == pytest.approx(f1_score(y_true, y_pred, average="macro"), abs=1e-4)


@pytest.mark.parametrize("labels", ["several labels", "one label", "no labels, none predicted"])
def test_averages_are_scikit_learns(labels):
    rng = np.random.default_rng(0)
    y_true, y_pred = rng.random((100, 4)) < [0.6, 0.4, 0.1, 0], rng.random((100, 4)) < [0.5, 0.3, 0, 0]
    if labels == "one label":
        y_true, y_pred = ONE_HOT[rng.integers(0, 3, 100)], ONE_HOT[rng.integers(0, 2, 100)]
    if labels == "no labels, none predicted":
        y_true, y_pred = np.zeros((9, 3), bool), np.zeros((9, 3), bool)
    scores = averages(y_true, y_pred, np.arange(len(y_true)) % 7)
    for average in ("micro", "macro", "weighted", "samples"):
        options = {"average": average, "zero_division": 0}
        expected = precision_recall_fscore_support(y_true.astype(int), y_pred.astype(int), **options)
        f1 = scores[average]["f1"]["value"] if average == "micro" else scores[average]["f1"]
        assert (scores[average]["precision"], scores[average]["recall"], f1) == pytest.approx(expected[:3], abs=5.1e-5)


def test_micro_f1_has_an_interval_over_sources():
    # of each of 20 sources all is right or all wrong: micro F1 of one label a clip is the accuracy, and so its interval
    right = np.repeat(np.arange(20) < 14, 100)
    y_true, y_pred = ONE_HOT[np.zeros(2000, int)], ONE_HOT[np.where(right, 0, 1)]
    sources = np.repeat(np.arange(20), 100)
    scores = averages(y_true, y_pred, sources)["micro"]["f1"]
    assert scores == score(y_true, y_pred, sources)["accuracy"]
    assert scores["value"] == 0.7 and scores["low"] < 0.6 and scores["high"] > 0.8


def test_the_interval_is_over_sources_not_clips():
    # 20 sources of 100 clips, each source all right or all wrong: 2,000 clips carry no more information than 20 sources
    right = np.repeat(np.arange(20) < 14, 100)
    y_true = np.zeros(2000, int)
    y_pred = np.where(right, 0, 1)
    scores = score(ONE_HOT[y_true], ONE_HOT[y_pred], np.repeat(np.arange(20), 100))["accuracy"]
    assert scores["value"] == 0.7
    # of 14 in 20 by Clopper and Pearson (scipy.stats.binomtest(14, 20).proportion_ci())
    assert (scores["low"], scores["high"]) == (0.4572, 0.8811)
    by_clip = score(ONE_HOT[y_true], ONE_HOT[y_pred], np.arange(2000))["accuracy"]
    assert by_clip["high"] - by_clip["low"] < 0.05


def test_a_recording_is_the_mean_of_its_segments():
    targets = np.array([[1, 0], [0, 1], [1, 0], [0, 1]], bool)
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.4, 0.6]])
    sources, y_true, means = by_recording(list("rqrr"), ["ann", "bea", "ann", "ann"], targets, probabilities)
    assert sources.tolist() == ["bea", "ann"]  # of recordings q and r
    assert y_true.tolist() == [[False, True], [True, True]]
    assert means == pytest.approx(np.array([[0.2, 0.8], [1.7 / 3, 1.3 / 3]]))


def test_a_recording_of_one_clip_is_that_clip():
    probabilities = np.random.default_rng(0).random((5, 3))
    sources, y_true, means = by_recording(list("abcde"), list("sstts"), ONE_HOT[[0, 1, 2, 0, 1]], probabilities)
    assert sources.tolist() == list("sstts")
    assert (y_true == ONE_HOT[[0, 1, 2, 0, 1]]).all()
    assert means.tolist() == probabilities.tolist()


def test_one_source_has_no_interval():
    scores = score(ONE_HOT[[0, 1]], ONE_HOT[[0, 2]], ["ann", "ann"])["accuracy"]
    assert scores == {"value": 0.5, "low": None, "high": None, "why": "1 source"}


def test_a_class_without_clips_counts_in_no_mean():
    scores = score(ONE_HOT[[0, 0, 1]], ONE_HOT[[0, 2, 0]], ["a", "b", "c"])
    assert scores["balanced_accuracy"]["value"] == (0.5 + 0) / 2
    assert scores["f1"]["value"] == (0.5 + 0) / 2


def test_a_class_that_one_source_carries_leaves_no_interval_of_means_over_classes():
    scores = score(ONE_HOT[[0, 0, 1]], ONE_HOT[[0, 2, 0]], ["a", "b", "c"])
    assert scores["accuracy"]["low"] is not None
    assert scores["f1"] == {"value": 0.25, "low": None, "high": None, "why": "a class has 1 source"}


def test_absent_classes_are_left_out_as_by_scikit_learn_given_labels():
    rng = np.random.default_rng(1)
    y_true, y_pred = rng.integers(0, 2, 60), rng.integers(0, 3, 60)  # the third is predicted, never true
    scores = score(ONE_HOT[y_true], ONE_HOT[y_pred], np.arange(60) % 5)
    expected = precision_recall_fscore_support(y_true, y_pred, labels=[0, 1], average="macro")
    assert scores["balanced_accuracy"]["value"] == pytest.approx(expected[1], abs=5.1e-5)
    assert scores["f1"]["value"] == pytest.approx(expected[2], abs=5.1e-5)


def test_where_no_clip_has_a_label_only_accuracy_is_defined():
    nothing = np.zeros((4, 2), bool)
    scores = score(nothing, nothing, list("abcd"))
    assert scores["accuracy"]["value"] == 1
    assert scores["f1"] == {"value": None, "low": None, "high": None, "why": "no labels"}


def test_the_order_of_clips_does_not_matter():
    rng = np.random.default_rng(0)
    y_true, y_pred, sources = ONE_HOT[rng.integers(0, 3, 50)], ONE_HOT[rng.integers(0, 3, 50)], np.arange(50) % 6
    order = rng.permutation(50)
    assert score(y_true, y_pred, sources) == score(y_true[order], y_pred[order], sources[order])


def test_the_tally_counts_clips_and_correct_clips_by_source():
    assert tally(ONE_HOT[[0, 1, 2]], ONE_HOT[[0, 2, 2]], ["b", "a", "b"]) == {"a": [1, 0], "b": [2, 2]}


@pytest.fixture(scope="module")
def scene():
    """600 clips of 20 sources with four classes, of which 60 %, 30 %, 5 % and none of the clips carry one."""
    rng = np.random.default_rng(0)
    return rng.random((600, 4)) < [0.6, 0.3, 0.05, 0], np.arange(600) % 20


def _several(y_pred, scene):
    scores = headline(scene[0], y_pred, scene[1], Task("multilabel", tuple("abcd")))
    return {key: scores[key]["value"] for key in ("micro_f1", "accuracy", "balanced_accuracy", "f1")}


def test_of_several_labels_predicting_all_or_none_is_at_chance(scene):
    y_true, _ = scene
    everything, nothing = _several(np.ones((600, 4), bool), scene), _several(np.zeros((600, 4), bool), scene)
    assert everything["balanced_accuracy"] == nothing["balanced_accuracy"] == 0.5
    share = y_true.mean()
    assert everything["micro_f1"] == pytest.approx(2 * share / (1 + share), abs=1e-4) and everything["accuracy"] == 0
    without = (~y_true.any(axis=1)).mean()  # of clips without a label, of which "none" is right
    assert nothing == {"micro_f1": 0, "accuracy": pytest.approx(without, abs=1e-4), "balanced_accuracy": 0.5, "f1": 0}


def test_of_several_labels_a_constant_prediction_is_at_chance_and_the_truth_at_1(scene):
    assert _several(np.tile([True, False, True, False], (600, 1)), scene)["balanced_accuracy"] == 0.5
    assert set(_several(scene[0], scene).values()) == {1}
    assert _several(~scene[0], scene) == dict.fromkeys(("micro_f1", "accuracy", "balanced_accuracy", "f1"), 0)


def test_of_several_labels_a_random_prediction_is_near_chance(scene):
    for share in (0.1, 0.5, 0.9):
        y_pred = np.random.default_rng(1).random((600, 4)) < share
        assert _several(y_pred, scene)["balanced_accuracy"] == pytest.approx(0.5, abs=0.04)


def test_of_several_labels_a_class_that_is_never_predicted_costs_half_of_its_share(scene):
    y_pred = scene[0] & [True, True, False, True]
    scores = _several(y_pred, scene)
    assert scores["balanced_accuracy"] == pytest.approx((1 + 1 + 0.5) / 3, abs=1e-4)  # d, which no clip carries, is out
    assert scores["f1"] == pytest.approx(2 / 3, abs=1e-4) and scores["micro_f1"] > 0.95


def test_balanced_accuracy_of_several_labels_is_the_mean_of_scikit_learns(scene):
    y_true = scene[0]
    y_pred = np.where(np.random.default_rng(2).random((600, 4)) < 0.3, ~y_true, y_true)
    each = [balanced_accuracy_score(y_true[:, k], y_pred[:, k]) for k in range(3)]
    assert _several(y_pred, scene)["balanced_accuracy"] == pytest.approx(np.mean(each), abs=1e-4)


def test_a_class_that_all_clips_carry_has_no_specificity_and_is_left_out():
    y_true = np.array([[1, 1], [1, 0], [1, 1], [1, 0]], bool)
    scores = score(y_true, np.array([[0, 1], [0, 0], [0, 1], [0, 1]], bool), list("abcd"), one_label=False)
    assert scores["balanced_accuracy"]["value"] == (1 + 0.5) / 2
    scores = score(y_true[:, :1], y_true[:, :1], list("abcd"), one_label=False)
    assert scores["balanced_accuracy"] == {"value": None, "low": None, "high": None, "why": "no labels"}


@pytest.mark.parametrize("predicted", ["first", "second", "random"])
def test_of_one_label_a_prediction_without_knowledge_is_at_chance(predicted):
    y_true = np.repeat([0, 1, 2], [450, 100, 50])
    drawn = np.random.default_rng(0).integers(0, 3, 600)
    y_pred = {"first": np.zeros(600, int), "second": np.ones(600, int), "random": drawn}[predicted]
    scores = score(ONE_HOT[y_true], ONE_HOT[y_pred], np.arange(600) % 20)
    assert scores["balanced_accuracy"]["value"] == pytest.approx(1 / 3, abs=0.05 if predicted == "random" else 1e-4)
    accuracy = {"first": 0.75, "second": 1 / 6, "random": np.mean(y_true == drawn)}[predicted]
    assert scores["accuracy"]["value"] == pytest.approx(accuracy, abs=1e-4)
    assert micro_f1(ONE_HOT[y_true], ONE_HOT[y_pred], np.arange(600) % 20)["value"] == scores["accuracy"]["value"]


@pytest.mark.parametrize("one_label", [True, False])
def test_what_sources_add_to_the_balanced_accuracy_sums_up_to_it(scene, one_label):
    rng, sources = np.random.default_rng(3), scene[1]
    y_true, y_pred = (ONE_HOT[rng.integers(0, 3, 600)] if one_label else rng.random((600, 3)) < 0.3 for _ in range(2))
    parts = balanced_parts(y_true, y_pred, sources, one_label)
    assert len(parts) == 20
    value = score(y_true, y_pred, sources, one_label)["balanced_accuracy"]["value"]
    assert parts.sum() == pytest.approx(value, abs=1e-4)
