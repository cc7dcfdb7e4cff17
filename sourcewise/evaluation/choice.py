"""The choice of a classifier on validation, by the lowest log loss after temperature scaling; the procedure's score.

With folds the procedure is what is scored: in each fold it chooses on that fold's validation, and its test predictions
are pooled. The classifier that is chosen for new recordings has the lowest log loss over the validation of all folds.
Its own pooled test score is of the sources that chose it, and so optimistic; the procedure's is not.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from sourcewise.evaluation import temperature
from sourcewise.evaluation.aggregation import by_recording
from sourcewise.evaluation.predictions import Predictions
from sourcewise.evaluation.thresholds import choose

#: Rows of the table beside the classifiers of params.yaml.
ENSEMBLE, MAJORITY = "ensemble", "majority"


class Candidate(NamedTuple):
    """One classifier: its Predictions of validation and test recordings; of each fold the temperature and the log loss
    that it gives on validation, and the log loss over the validation of all folds."""

    validation: Predictions
    test: Predictions
    temperatures: list
    losses: list
    loss: float


class Choice(NamedTuple):
    """of_folds: the name chosen in each fold; name: that chosen for new recordings; test: the procedure's Predictions
    of test recordings, each by the classifier that its fold chose."""

    of_folds: list
    name: str
    test: Predictions


def candidate(validation, test, task):
    """The Candidate with these Predictions of recordings."""
    temperatures, losses, n = [], [], []
    for of_fold in _by_fold(validation):
        fitted = temperature.fit(of_fold.y_true, of_fold.y_score, task)
        scaled = temperature.scaled(of_fold.y_score, fitted, task)
        temperatures.append(fitted)
        losses.append(temperature.log_loss(of_fold.y_true, scaled, task))
        n.append(len(scaled))
    return Candidate(validation, test, temperatures, losses, float(np.average(losses, weights=n)))


def choose_among(candidates):
    """The Choice among {name: Candidate}. Of equal log losses, which only equal predictions give, the first counts."""
    names = list(candidates)
    losses = np.array([candidate.losses for candidate in candidates.values()])  # (n_candidates, n_folds)
    of_folds = [names[k] for k in losses.argmin(axis=0)]
    chosen = [list(_by_fold(candidates[name].test))[fold] for fold, name in enumerate(of_folds)]
    best = min(names, key=lambda name: candidates[name].loss)
    return Choice(of_folds, best, joined(chosen))


def majority(like, split, task, threshold=None):
    """The Candidate that knows the shares of the classes in the train recordings of each fold, and no more: with one
    label it always predicts the majority class, with several those that are worth it on validation.

    like: any Candidate, for its recordings; threshold: train.threshold.
    """
    targets, shares, thresholds = task.targets(split.clips["labels"]), [], []
    for fold, validation in zip(split.folds, _by_fold(like.validation), strict=True):
        rows = split.rows(fold, "train")
        of_train = split.clips.iloc[rows]
        _, y_true, _ = by_recording(of_train["parent"], of_train["source"], targets[rows], targets[rows])
        shares.append(y_true.mean(axis=0))
        constant = np.tile(shares[-1], (len(validation.y_true), 1))
        chosen = choose(validation.y_true, constant, task) if threshold is None else task.thresholds(threshold)
        thresholds.append(chosen)
    parts = [
        joined(_constant(of_fold, *of, task) for of_fold, *of in zip(_by_fold(part), shares, thresholds, strict=True))
        for part in (like.validation, like.test)
    ]
    return candidate(*parts, task)


def joined(folds):
    """The Predictions of several folds as one."""
    *arrays, rows = zip(*folds, strict=True)
    return Predictions(*map(np.concatenate, arrays), pd.concat(rows))


def _by_fold(of):
    """The Predictions of each fold, in order."""
    for fold in np.unique(of.folds):
        rows = of.folds == fold
        yield Predictions(*(values[rows] for values in of))


def _constant(of_fold, p, thresholds, task):
    y_score = np.tile(p, (len(of_fold.y_true), 1))
    tiled = np.tile(thresholds, (len(y_score), 1))
    return of_fold._replace(y_score=y_score, y_pred=task.decide(y_score, thresholds), thresholds=tiled)
