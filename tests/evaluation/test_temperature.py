import numpy as np
import pytest
from sklearn.metrics import log_loss as scikit_learns

from sourcewise.datasets.task import Task
from sourcewise.evaluation import temperature

THREE, SEVERAL = Task("multiclass", tuple("abc")), Task("multilabel", tuple("abc"))


@pytest.fixture(scope="module")
def calibrated():
    """4,000 clips of three classes, and the probabilities with which these were drawn."""
    rng = np.random.default_rng(0)
    log_odds = rng.normal(0, 2, (4000, 3))
    p = np.exp(log_odds) / np.exp(log_odds).sum(axis=1, keepdims=True)
    return np.array([rng.multinomial(1, row) for row in p], bool), p


@pytest.mark.parametrize("true", [0.2, 1, 2])
def test_the_temperature_that_was_applied_is_found(calibrated, true):
    y_true, p = calibrated
    distorted = temperature.scaled(p, 1 / true, THREE)
    assert temperature.fit(y_true, distorted, THREE) == pytest.approx(true, rel=0.05)
    assert temperature.scaled(distorted, true, THREE) == pytest.approx(p, abs=1e-3)


def test_with_several_labels_too():
    rng = np.random.default_rng(0)
    p = 1 / (1 + np.exp(-rng.normal(0, 2, (4000, 3))))
    y_true = rng.random((4000, 3)) < p
    assert temperature.fit(y_true, temperature.scaled(p, 1 / 3, SEVERAL), SEVERAL) == pytest.approx(3, rel=0.05)


def test_the_log_loss_is_scikit_learns(calibrated):
    y_true, p = calibrated
    assert temperature.log_loss(y_true, p, THREE) == pytest.approx(scikit_learns(y_true.astype(int), p), abs=1e-5)
    each = [scikit_learns(y_true[:, k], p[:, k]) for k in range(3)]
    assert temperature.log_loss(y_true, p, SEVERAL) == pytest.approx(np.mean(each), abs=1e-5)


def test_classes_keep_their_order(calibrated):
    _, p = calibrated
    assert (temperature.scaled(p, 7, THREE).argmax(axis=1) == p.argmax(axis=1)).all()


def test_no_mistake_on_validation_is_no_certainty():
    # of 48 clips, all right with 0.6 and as sure as each other: 49 of 50, as of a class that one more clip might miss
    y_true, p = np.eye(2, dtype=bool)[np.arange(48) % 2], np.where(np.eye(2)[np.arange(48) % 2], 0.6, 0.4)
    task = Task("binary", ("a", "b"))
    scaled = temperature.scaled(p, temperature.fit(y_true, p, task), task)
    assert scaled[y_true] == pytest.approx(np.full(48, 49 / 50), abs=1e-3)


def test_of_two_without_a_mistake_the_one_with_even_margins_has_the_lower_loss():
    y_true, task = np.eye(2, dtype=bool)[np.arange(48) % 2], Task("binary", ("a", "b"))
    even, uneven = np.full(48, 0.6), np.where(np.arange(48) < 4, 0.51, 0.9)
    losses = []
    for right in (even, uneven, 0.5 + (even - 0.5) / 10):
        p = np.where(y_true, right[:, None], 1 - right[:, None])
        losses.append(temperature.log_loss(y_true, temperature.scaled(p, temperature.fit(y_true, p, task), task), task))
    assert losses[0] < losses[1]
    assert losses[2] == pytest.approx(losses[0], abs=1e-4)  # how sure it says it is does not count


def test_knowing_nothing_is_an_equal_probability_and_a_wrong_certainty_is_no_error():
    rng, task = np.random.default_rng(0), Task("binary", ("a", "b"))
    y_true, p = np.eye(2, dtype=bool)[rng.integers(0, 2, 200)], np.eye(2)[rng.integers(0, 2, 200)]
    scaled = temperature.scaled(p, temperature.fit(y_true, p, task), task)
    assert scaled == pytest.approx(np.full((200, 2), 0.5), abs=0.05)
    assert np.isfinite(temperature.log_loss(y_true, p, task))
