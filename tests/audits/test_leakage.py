import numpy as np
import pytest

from sourcewise.audits.leakage import findings, gap, out_of_fold
from sourcewise.datasets.task import Task

TASK = Task("binary", ("a", "b"))


def _nearest(x, targets):
    """A classifier that answers as the nearest training clip does."""

    def fit(rows):
        return lambda held: targets[rows][np.abs(x[held][:, None] - x[rows][None]).argmin(axis=1)].astype(float)

    return fit


def _gap(x, labels, sources):
    targets = TASK.targets(labels)
    groups = {"random_split": np.arange(len(x)).astype(str), "grouped_split": sources}
    fit = _nearest(x, targets)
    probabilities = {way: out_of_fold(fit, of, targets, folds=4, seed=0) for way, of in groups.items()}
    return gap(probabilities, sources, targets, TASK)


def test_a_feature_that_tells_only_the_source_leaks():
    rng = np.random.default_rng(0)
    voices = rng.permutation(40)
    sources = np.repeat(voices, 10)
    labels = np.where(sources < 20, "a", "b")
    x = np.repeat(rng.permutation(40) * 10.0, 10) + rng.normal(0, 0.1, 400)
    found = _gap(x, labels, sources)
    assert found["random_split"]["value"] == 1
    assert found["grouped_split"]["value"] == pytest.approx(0.5, abs=0.25)
    assert found["gap"]["value"] == pytest.approx(
        found["random_split"]["value"] - found["grouped_split"]["value"], abs=2e-4
    )
    assert found["gap"]["low"] > 0.2


def test_a_feature_that_tells_the_class_does_not():
    rng = np.random.default_rng(0)
    sources = np.repeat(np.arange(40), 10)
    labels = np.where(sources < 20, "a", "b")
    found = _gap((labels == "a") * 10.0 + rng.normal(0, 0.1, 400), labels, sources)
    assert found["grouped_split"]["value"] == 1
    # no source of 40 differs: fewer than 1 - 0.025 ** (1 / 40) do
    assert found["gap"] == {"value": 0, "low": -0.0881, "high": 0.0881}
    assert findings({"nearest": found}, margin=0) == []


def _found(by_clip, by_source, low, high):
    gap = {"value": round(by_clip - by_source, 4), "low": low, "high": high}
    return {"random_split": {"value": by_clip}, "grouped_split": {"value": by_source}, "gap": gap}


def test_the_widest_gap_that_is_sure_is_named():
    leakage = {
        "svm": _found(0.99, 0.6, 0.3, 0.5),
        "logreg": _found(0.9, 0.4, -0.1, 0.9),
        "knn": _found(0.9, 0.8, 0.06, 0.2),
    }
    (finding,) = findings(leakage, margin=0.05)
    assert finding.category == "gap"
    assert "svm would have an accuracy of 0.990 instead of 0.600 (+0.300 to +0.500)" in finding.text
    assert findings({"logreg": leakage["logreg"], "knn": leakage["knn"]}, margin=0.06) == []
    assert findings({"svm": _found(0.99, 0.6, None, None)}, margin=0.05) == []


def test_no_more_clips_are_fitted_on_than_asked_for_and_the_classes_keep_their_ratio():
    targets = np.repeat(np.eye(2, dtype=bool), [300, 100], axis=0)
    names, seen = np.arange(400).astype(str), []

    def fit(rows):
        seen.append(rows)
        return lambda held: targets[held].astype(float)

    whole = out_of_fold(fit, names, targets, folds=4, seed=0)
    assert [len(rows) for rows in seen] == [300] * 4
    some = out_of_fold(fit, names, targets, folds=4, seed=0, most=40)
    assert (whole == targets).all() and (some == targets).all()  # all are asked about
    assert [targets[rows].sum(axis=0).tolist() for rows in seen[4:]] == [[30, 10]] * 4
    assert all(set(few) < set(rows) for few, rows in zip(seen[4:], seen, strict=False))
    out_of_fold(fit, names, targets, folds=4, seed=0, most=40)
    assert all((a == b).all() for a, b in zip(seen[4:8], seen[8:], strict=True))
