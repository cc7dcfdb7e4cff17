import numpy as np
import pytest
from sklearn import metrics

from sourcewise.evaluation import curves


def _drawn(seed, *, n, values):
    """y_true with both positives and negatives, and probabilities with that many values: the fewer, the more ties."""
    rng = np.random.default_rng(seed)
    return np.append(rng.random(n - 2) < 0.3, [True, False]), rng.integers(0, values, n) / values


@pytest.mark.parametrize("values", [1, 2, 5, 1000])
@pytest.mark.parametrize("n", [2, 3, 40, 300])
def test_curves_and_areas_are_scikit_learns_to_the_last_bit(n, values):
    for seed in range(20):
        y_true, p = _drawn(seed, n=n, values=values)
        for actual, expected in zip(curves.roc(y_true, p), metrics.roc_curve(y_true, p)[:2], strict=True):
            assert actual.tolist() == expected.tolist()
        scikit_learns = metrics.precision_recall_curve(y_true, p)[:2]
        for actual, expected in zip(curves.precision_recall(y_true, p), scikit_learns, strict=True):
            assert actual.tolist() == expected.tolist()
        assert curves.roc_auc(y_true, p) == metrics.roc_auc_score(y_true, p)
        assert curves.average_precision(y_true, p) == metrics.average_precision_score(y_true, p)


@pytest.mark.parametrize("values", [1, 2, 5, 1000])
def test_the_area_without_a_source_is_that_of_the_others(values):
    for seed in range(20):
        y_true, p = _drawn(seed, n=40, values=values)
        sources = np.random.default_rng(seed).integers(0, 7, 40)
        without = curves.roc_auc_without(y_true, p, sources, 8)  # of the eighth there is no clip
        expected = [curves.roc_auc(y_true[sources != k], p[sources != k]) for k in range(8)]
        assert without == pytest.approx(expected, abs=1e-12)
    only = curves.roc_auc_without(np.array([True, False, False]), np.array([0.9, 0.1, 0.2]), np.array([0, 1, 1]), 2)
    assert np.isnan(only).all()  # the others lack one side


def test_areas_of_a_known_ranking():
    # of 0.9, 0.8, 0.7, 0.6 the first and the third carry the class: of four pairs three are the right way round
    y_true, p = np.array([True, False, True, False]), np.array([0.9, 0.8, 0.7, 0.6])
    assert curves.roc_auc(y_true, p) == 0.75
    assert curves.average_precision(y_true, p) == pytest.approx((1 + 2 / 3) / 2)
    assert curves.roc_auc(y_true, np.full(4, 0.5)) == 0.5


@pytest.mark.parametrize("digits", [1, 6])
def test_label_ranking_is_scikit_learns(digits):
    rng = np.random.default_rng(0)
    y_true, p = rng.random((50, 6)) < 0.3, rng.random((50, 6)).round(digits)
    labels = y_true.sum(axis=1)
    expected = metrics.label_ranking_average_precision_score(y_true, p, sample_weight=labels)
    assert curves.label_ranking(y_true, p) == pytest.approx(expected, abs=1e-12)
