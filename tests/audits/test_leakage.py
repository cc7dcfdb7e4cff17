import numpy as np
import pandas as pd
import pytest

from sourcewise.audits.leakage import basis, findings, gap, out_of_fold
from sourcewise.datasets.folds import Split
from sourcewise.datasets.task import Task

TASK = Task("binary", ("a", "b"))


def _nearest(x, targets):
    """A one-nearest-neighbour classifier."""

    def fit(rows):
        return lambda held: targets[rows][np.abs(x[held][:, None] - x[rows][None]).argmin(axis=1)].astype(float)

    return fit


def _gap(x, labels, sources):
    targets = TASK.targets(labels)
    groups = {"random_split": np.arange(len(x)).astype(str), "grouped_split": sources}
    fit = _nearest(x, targets)
    probabilities = {scheme: out_of_fold(fit, of, targets, folds=4, seed=0) for scheme, of in groups.items()}
    return gap(probabilities, sources, targets, TASK)


def test_a_feature_of_the_source_leaks():
    rng = np.random.default_rng(0)
    voices = rng.permutation(40)
    sources = np.repeat(voices, 10)
    labels = np.where(sources < 20, "a", "b")
    x = np.repeat(rng.permutation(40) * 10.0, 10) + rng.normal(0, 0.1, 400)
    scores = _gap(x, labels, sources)
    assert scores["random_split"]["value"] == 1
    assert scores["grouped_split"]["value"] == pytest.approx(0.5, abs=0.25)
    assert scores["gap"]["value"] == pytest.approx(
        scores["random_split"]["value"] - scores["grouped_split"]["value"], abs=2e-4
    )
    assert scores["gap"]["low"] > 0.2


def test_a_feature_of_the_class_does_not_leak():
    rng = np.random.default_rng(0)
    sources = np.repeat(np.arange(40), 10)
    labels = np.where(sources < 20, "a", "b")
    scores = _gap((labels == "a") * 10.0 + rng.normal(0, 0.1, 400), labels, sources)
    assert scores["grouped_split"]["value"] == 1
    # no source of 40 differs: fewer than 1 - 0.025 ** (1 / 40) do
    assert scores["gap"] == {"value": 0, "low": -0.0881, "high": 0.0881}
    assert findings({"nearest": scores}, margin=0) == []


def _scores(random, grouped, low, high):
    gap = {"value": round(random - grouped, 4), "low": low, "high": high}
    return {"random_split": {"value": random}, "grouped_split": {"value": grouped}, "gap": gap}


def test_the_widest_significant_gap_is_a_finding():
    gaps = {
        "svm": _scores(0.99, 0.6, 0.3, 0.5),
        "logreg": _scores(0.9, 0.4, -0.1, 0.9),
        "knn": _scores(0.9, 0.8, 0.06, 0.2),
    }
    (finding,) = findings(gaps, margin=0.05)
    assert finding.category == "gap"
    assert "svm would have an accuracy of 0.990 instead of 0.600" in finding.text
    assert "(95 % CI of the gap: +0.300 to +0.500)" in finding.text
    assert findings({"logreg": gaps["logreg"], "knn": gaps["knn"]}, margin=0.06) == []
    assert findings({"svm": _scores(0.99, 0.6, None, None)}, margin=0.05) == []


def test_the_basis_says_why_the_grouped_score_is_not_that_of_the_comparison():
    parts = np.array([["train"]] * 4 + [["validation"]] * 2 + [["test"]] * 4)
    clips = pd.DataFrame({"source": list("aabbccddee")})
    assert basis(Split(clips, parts), 5) == (
        "The gap stands on 5 folds over all 10 clips of 5 sources. Its grouped score differs from the comparison's "
        "test score: each fold trains on 80% of the clips, without augmented copies, and all 10 are tested in turn; "
        "the split trains on 40% and tests 4."
    )


def test_the_clips_to_fit_on_are_limited_and_stratified():
    targets = np.repeat(np.eye(2, dtype=bool), [300, 100], axis=0)
    names, fitted = np.arange(400).astype(str), []

    def fit(rows):
        fitted.append(rows)
        return lambda held: targets[held].astype(float)

    whole = out_of_fold(fit, names, targets, folds=4, seed=0)
    assert [len(rows) for rows in fitted] == [300] * 4
    some = out_of_fold(fit, names, targets, folds=4, seed=0, max_fit_clips=40)
    assert (whole == targets).all() and (some == targets).all()  # all clips are predicted
    assert [targets[rows].sum(axis=0).tolist() for rows in fitted[4:]] == [[30, 10]] * 4
    assert all(set(few) < set(rows) for few, rows in zip(fitted[4:], fitted, strict=False))
    out_of_fold(fit, names, targets, folds=4, seed=0, max_fit_clips=40)
    assert all((a == b).all() for a, b in zip(fitted[4:8], fitted[8:], strict=True))
