import numpy as np
import pytest
from sklearn import metrics

from sourcewise.evaluation import curves


def _drawn(seed, *, n, values):
    """Who carries the class, at least one and not all, and probabilities that take so many values: few of them tie."""
    rng = np.random.default_rng(seed)
    return np.append(rng.random(n - 2) < 0.3, [True, False]), rng.integers(0, values, n) / values


@pytest.mark.parametrize("values", [1, 2, 5, 1000])
@pytest.mark.parametrize("n", [2, 3, 40, 300])
def test_curves_and_areas_are_scikit_learns_to_the_last_bit(n, values):
    for seed in range(20):
        there, p = _drawn(seed, n=n, values=values)
        for found, expected in zip(curves.roc(there, p), metrics.roc_curve(there, p)[:2], strict=True):
            assert found.tolist() == expected.tolist()
        expected = metrics.precision_recall_curve(there, p)[:2]
        for found, values_of in zip(curves.precision_recall(there, p), expected, strict=True):
            assert found.tolist() == values_of.tolist()
        assert curves.roc_auc(there, p) == metrics.roc_auc_score(there, p)
        assert curves.average_precision(there, p) == metrics.average_precision_score(there, p)


def test_a_ranking_that_is_known():
    # of 0.9, 0.8, 0.7, 0.6 the first and the third carry the class: of four pairs three are the right way round
    there, p = np.array([True, False, True, False]), np.array([0.9, 0.8, 0.7, 0.6])
    assert curves.roc_auc(there, p) == 0.75
    assert curves.average_precision(there, p) == pytest.approx((1 + 2 / 3) / 2)
    assert curves.roc_auc(there, np.full(4, 0.5)) == 0.5


@pytest.mark.parametrize("digits", [1, 6])
def test_label_ranking_is_scikit_learns(digits):
    rng = np.random.default_rng(0)
    y_true, p = rng.random((50, 6)) < 0.3, rng.random((50, 6)).round(digits)
    labels = y_true.sum(axis=1)
    expected = metrics.label_ranking_average_precision_score(y_true, p, sample_weight=labels)
    assert curves.label_ranking(y_true, p) == pytest.approx(expected, abs=1e-12)
