import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, precision_recall_fscore_support

from stages.scoring.metrics import averages, by_recording, score

ONE_HOT = np.eye(3, dtype=bool)


def test_values_are_scikit_learns():
    rng = np.random.default_rng(0)
    truth, decided = rng.integers(0, 3, 200), rng.integers(0, 3, 200)
    found = score(ONE_HOT[truth], ONE_HOT[decided], rng.integers(0, 9, 200), resamples=10, seed=0)
    assert found["accuracy"]["value"] == pytest.approx(accuracy_score(truth, decided), abs=1e-4)
    assert found["balanced_accuracy"]["value"] == pytest.approx(balanced_accuracy_score(truth, decided), abs=1e-4)
    assert found["f1"]["value"] == pytest.approx(f1_score(truth, decided, average="macro"), abs=1e-4)
    assert (found["clips"], found["sources"]) == (200, 9)


def test_several_labels_are_scikit_learns():
    rng = np.random.default_rng(0)
    truth, decided = rng.random((100, 4)) < 0.4, rng.random((100, 4)) < 0.4
    found = score(truth, decided, np.arange(100) % 7, resamples=10, seed=0)
    assert found["accuracy"]["value"] == pytest.approx(accuracy_score(truth, decided), abs=1e-4)
    assert found["f1"]["value"] == pytest.approx(f1_score(truth, decided, average="macro"), abs=1e-4)


@pytest.mark.parametrize("kind", ["several labels", "one label", "nothing there, nothing found"])
def test_averages_are_scikit_learns(kind):
    rng = np.random.default_rng(0)
    truth, decided = rng.random((100, 4)) < [0.6, 0.4, 0.1, 0], rng.random((100, 4)) < [0.5, 0.3, 0, 0]
    if kind == "one label":
        truth, decided = ONE_HOT[rng.integers(0, 3, 100)], ONE_HOT[rng.integers(0, 2, 100)]
    if kind == "nothing there, nothing found":
        truth, decided = np.zeros((9, 3), bool), np.zeros((9, 3), bool)
    found = averages(truth, decided, np.arange(len(truth)) % 7, resamples=10, seed=0)
    for way in ("micro", "macro", "weighted", "samples"):
        expected = precision_recall_fscore_support(truth.astype(int), decided.astype(int), average=way, zero_division=0)
        f1 = found[way]["f1"]["value"] if way == "micro" else found[way]["f1"]
        assert (found[way]["precision"], found[way]["recall"], f1) == pytest.approx(expected[:3], abs=5.1e-5)


def test_micro_f1_has_an_interval_over_sources():
    # of each of 20 sources all is right or all wrong: micro F1 of one label a clip is the accuracy, and so its interval
    right = np.repeat(np.arange(20) < 14, 100)
    truth, decided = ONE_HOT[np.zeros(2000, int)], ONE_HOT[np.where(right, 0, 1)]
    how = {"resamples": 500, "seed": 0}
    sources = np.repeat(np.arange(20), 100)
    found = averages(truth, decided, sources, **how)["micro"]["f1"]
    assert found == score(truth, decided, sources, **how)["accuracy"]
    assert found["value"] == 0.7 and found["low"] < 0.6 and found["high"] > 0.8


def test_the_interval_is_over_sources_not_clips():
    # 20 sources of 100 clips, each source all right or all wrong: 2,000 clips know no more than 20 sources do
    right = np.repeat(np.arange(20) < 14, 100)
    truth = np.zeros(2000, int)
    decided = np.where(right, 0, 1)
    found = score(ONE_HOT[truth], ONE_HOT[decided], np.repeat(np.arange(20), 100), resamples=5000, seed=0)["accuracy"]
    assert found["value"] == 0.7
    # the percentiles of a binomial count of 20 at 0.7: 10 and 18 (scipy.stats.binom.ppf)
    assert found["low"] == pytest.approx(10 / 20, abs=0.051)
    assert found["high"] == pytest.approx(18 / 20, abs=0.051)
    by_clip = score(ONE_HOT[truth], ONE_HOT[decided], np.arange(2000), resamples=2000, seed=0)["accuracy"]
    assert by_clip["high"] - by_clip["low"] < 0.05


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    rng, hits = np.random.default_rng(0), 0
    for trial in range(200):
        skill = rng.beta(7, 3, 30)  # accuracies of 30 sources, 0.7 on average
        right = rng.random((30, 20)) < skill[:, None]
        decided = np.where(right.ravel(), 0, 1)
        sources = np.repeat(np.arange(30), 20)
        found = score(ONE_HOT[np.zeros(600, int)], ONE_HOT[decided], sources, resamples=500, seed=trial)["accuracy"]
        hits += found["low"] <= 0.7 <= found["high"]
    assert 0.90 <= hits / 200 <= 0.98


def test_a_recording_is_the_mean_of_its_segments():
    targets = np.array([[1, 0], [0, 1], [1, 0], [0, 1]], bool)
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.4, 0.6]])
    sources, truth, means = by_recording(list("rqrr"), ["ann", "bea", "ann", "ann"], targets, probabilities)
    assert sources.tolist() == ["bea", "ann"]  # of recordings q and r
    assert truth.tolist() == [[False, True], [True, True]]
    assert means == pytest.approx(np.array([[0.2, 0.8], [1.7 / 3, 1.3 / 3]]))


def test_a_recording_of_one_clip_is_that_clip():
    probabilities = np.random.default_rng(0).random((5, 3))
    sources, truth, means = by_recording(list("abcde"), list("sstts"), ONE_HOT[[0, 1, 2, 0, 1]], probabilities)
    assert sources.tolist() == list("sstts")
    assert (truth == ONE_HOT[[0, 1, 2, 0, 1]]).all()
    assert means.tolist() == probabilities.tolist()


def test_one_source_has_no_interval():
    found = score(ONE_HOT[[0, 1]], ONE_HOT[[0, 2]], ["ann", "ann"], resamples=10, seed=0)["accuracy"]
    assert found == {"value": 0.5, "low": None, "high": None}


def test_a_class_without_clips_counts_in_no_mean():
    found = score(ONE_HOT[[0, 0, 1]], ONE_HOT[[0, 2, 0]], ["a", "b", "c"], resamples=10, seed=0)
    assert found["balanced_accuracy"]["value"] == (0.5 + 0) / 2
    assert found["f1"]["value"] == (0.5 + 0) / 2


def test_the_seed_repeats():
    truth, decided = ONE_HOT[[0, 1, 2, 0, 1]], ONE_HOT[[0, 1, 0, 0, 2]]
    one, same = (score(truth, decided, list("abcde"), resamples=100, seed=3) for _ in range(2))
    assert one == same
