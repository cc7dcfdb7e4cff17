import numpy as np
import pytest

from stages.core.task import Task
from stages.scoring.leakage import gap

TASK = Task("binary", ("a", "b"))
HOW = {"folds": 4, "resamples": 500, "seed": 0}


def _nearest(x, targets):
    """A classifier that answers as the nearest training clip does."""

    def fit(rows):
        return lambda held: targets[rows][np.abs(x[held][:, None] - x[rows][None]).argmin(axis=1)].astype(float)

    return fit


def _gap(x, labels, sources):
    targets = TASK.targets(labels)
    return gap(_nearest(x, targets), np.arange(len(x)).astype(str), sources, targets, TASK, **HOW)


def test_a_feature_that_tells_only_the_source_leaks():
    rng = np.random.default_rng(0)
    voices = rng.permutation(40)
    sources = np.repeat(voices, 10)
    labels = np.where(sources < 20, "a", "b")
    x = np.repeat(rng.permutation(40) * 10.0, 10) + rng.normal(0, 0.1, 400)
    found = _gap(x, labels, sources)
    assert found["by_clip"]["value"] == 1
    assert found["by_source"]["value"] == pytest.approx(0.5, abs=0.25)
    assert found["gap"]["value"] == pytest.approx(found["by_clip"]["value"] - found["by_source"]["value"], abs=2e-4)
    assert found["gap"]["low"] > 0.2


def test_a_feature_that_tells_the_class_does_not():
    rng = np.random.default_rng(0)
    sources = np.repeat(np.arange(40), 10)
    labels = np.where(sources < 20, "a", "b")
    found = _gap((labels == "a") * 10.0 + rng.normal(0, 0.1, 400), labels, sources)
    assert found["by_source"]["value"] == 1
    assert found["gap"] == {"value": 0, "low": 0, "high": 0}
