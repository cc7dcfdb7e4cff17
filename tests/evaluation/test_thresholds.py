import numpy as np
import pytest

from sourcewise.datasets.task import Task
from sourcewise.evaluation.thresholds import choose

BINARY, MANY = Task("binary", ("a", "b")), Task("multiclass", ("a", "b", "c"))
SEVERAL = Task("multilabel", ("a", "b", "c"))


def _two(p):
    return np.column_stack([1 - np.array(p), p])


def test_a_separating_threshold_is_chosen():
    y_true = np.array([0, 0, 0, 1, 1]) == np.array([[0], [1]])
    thresholds = choose(y_true.T, _two([0.01, 0.1, 0.2, 0.3, 0.4]), BINARY)
    assert thresholds == pytest.approx([0.75, 0.25])  # half-way between 0.2 and 0.3
    assert (BINARY.decide(_two([0.24, 0.26]), thresholds)[:, 1] == [False, True]).all()


def test_among_equally_good_thresholds_the_one_closest_to_a_half_is_chosen():
    y_true = np.array([0, 1]) == np.array([[0], [1]])
    assert choose(y_true.T, _two([0.1, 0.9]), BINARY).tolist() == [0.5, 0.5]


def test_each_of_several_labels_has_its_own():
    y_true = np.array([[1, 0, 1], [0, 0, 1], [1, 0, 1], [0, 0, 1]], dtype=bool)
    p = np.array([[0.2, 0.4, 0.1], [0.1, 0.9, 0.2], [0.3, 0.1, 0.3], [0.05, 0.2, 0.4]])
    assert choose(y_true, p, SEVERAL) == pytest.approx([0.15, 0.5, 0.5])  # the others: no clip without, none with
    assert SEVERAL.decide(p, [0.15, 0.5, 0.5])[:, 0].tolist() == [True, False, True, False]


def _clips(times):
    """Of the first class, from 0.35 on: 2 hits of 2 and 1 false, F1 0.8; from 0.6 on: 1 hit and none false, 0.667.
    The others are separated at 0.95, where the common threshold lies."""
    y_true = np.array([[1, 1, 1], [1, 1, 1], [0, 0, 0], [0, 0, 0]], dtype=bool)
    p = np.array([[0.7, 0.98, 0.98], [0.4, 0.98, 0.98], [0.5, 0.92, 0.92], [0.3, 0.92, 0.92]])
    return np.tile(y_true, (times, 1)), np.tile(p, (times, 1))


def test_of_many_clips_the_largest_f1_is_chosen():
    assert choose(*_clips(100), SEVERAL) == pytest.approx([0.35, 0.95, 0.95])


def test_a_peak_on_few_clips_is_treated_as_chance():
    # the standard error of a share of 2 in 3 n clips is sqrt(2 / 27 n), and of F1 0.72 of that: 0.139 where n is 2,
    # 0.113 where n is 3, while 0.8 - 0.667 is 0.133
    assert choose(*_clips(2), SEVERAL)[0] == pytest.approx(0.6)
    assert choose(*_clips(3), SEVERAL)[0] == pytest.approx(0.35)


def test_on_other_clips_they_score_higher_than_those_of_the_largest_f1():
    # 50 classes, 100 clips to choose on, 4,900 others; probabilities are true, the best threshold is the same for all
    rng, many = np.random.default_rng(0), Task("multilabel", tuple(map(str, range(50))))
    p = rng.beta(0.5, 2, (5000, 50))
    y_true = rng.random(p.shape) < p
    peaks = [_peak(*pair) for pair in zip(y_true[:100].T, p[:100].T, strict=True)]
    assert _mean_f1(y_true[100:], p[100:] >= peaks) == pytest.approx(0.542, abs=0.002)
    assert _mean_f1(y_true[100:], p[100:] >= choose(y_true[:100], p[:100], many)) == pytest.approx(0.573, abs=0.002)


def _mean_f1(y_true, y_pred):
    return np.mean(2 * (y_pred & y_true).sum(axis=0) / (y_pred.sum(axis=0) + y_true.sum(axis=0)))


def _peak(y_true, p):
    return max(np.unique(p), key=lambda t: 2 * (y_true & (p >= t)).sum() / (y_true.sum() + (p >= t).sum()))


def test_one_of_many_classes_needs_no_threshold():
    y_true = np.eye(3, dtype=bool)
    assert choose(y_true, y_true.astype(float), MANY).tolist() == [0, 0, 0]
    assert MANY.decide(np.array([[0.2, 0.5, 0.3]]), [0, 0, 0]).tolist() == [[False, True, False]]
