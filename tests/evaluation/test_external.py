import numpy as np
import pytest

from sourcewise.evaluation.external import drop
from sourcewise.evaluation.metrics import score


def test_the_interval_of_a_drop_is_put_together_from_those_of_both_scores():
    # Newcombe (1998), Table II, example (a), method 10: 56/70 - 48/80 with Wilson's intervals, 0.0524 to 0.3339
    own = {"value": 0.8, "low": 0.69183, "high": 0.87695}
    there = {"value": 0.6, "low": 0.49045, "high": 0.70038}
    found = drop(own, there)
    assert found["value"] == pytest.approx(0.2)
    assert (found["low"], found["high"]) == (pytest.approx(0.0524, abs=1e-4), pytest.approx(0.3339, abs=1e-4))


def test_where_a_score_has_no_interval_the_drop_has_none_and_says_why():
    own, single = {"value": 0.8, "low": 0.7, "high": 0.9}, {"value": 0.5, "low": None, "high": None, "why": "1 source"}
    assert drop(own, single) == {"value": 0.3, "low": None, "high": None, "why": "1 source"}
    assert drop({"value": None, "low": None, "high": None, "why": "no labels"}, own)["value"] is None


def _corpus(rng, n, mean):
    """The accuracy of n sources of 4 clips each, whose own accuracies vary widely."""
    right = rng.random((n, 4)) < rng.beta(2 * mean, 2 * (1 - mean), n)[:, None]
    y_true = np.zeros((4 * n, 2), bool)
    y_true[: 2 * n, 0] = y_true[2 * n :, 1] = True
    y_pred = np.where(right.reshape(-1, 1), y_true, ~y_true)
    return score(y_true, y_pred, np.repeat(np.arange(n), 4))["accuracy"]


def test_it_holds_the_true_drop_in_95_percent_of_datasets_and_more():
    rng = np.random.default_rng(0)
    drops = [drop(_corpus(rng, 30, 0.9), _corpus(rng, 20, 0.7)) for _ in range(200)]
    assert np.mean([one["low"] <= 0.2 <= one["high"] for one in drops]) >= 0.95
    assert np.mean([one["low"] > 0 for one in drops]) > 0.3  # and is not so wide that it never says so
