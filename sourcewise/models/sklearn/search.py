"""Searching settings of an estimator within train, by grouped folds (by source)."""

import warnings
from itertools import product

import numpy as np

from sourcewise.core.errors import NotRun
from sourcewise.models.sklearn.estimators import fitted, probabilities


def chosen(module, rows, task, p):
    """(settings, search) of an estimator: p itself and None if no setting that the module names in SEARCHED is a list,
    else p with one value of each list and, for JSON, {folds, chosen, tried: all settings with their scores}.

    The settings of least out-of-fold cross-entropy are chosen, the first of ties. There are p.training.folds folds,
    fewer if train has fewer sources; if it has too few for any, the first settings are chosen. rows: Examples of
    train.
    """
    lists = {name: getattr(p, name) for name in getattr(module, "SEARCHED", ()) if isinstance(getattr(p, name), list)}
    if not lists:
        return p, None
    grid = _possible(module, [dict(zip(lists, values, strict=True)) for values in product(*lists.values())], task, p)
    folds = list(folds_of(rows, p.training.folds))

    def score(settings):
        return _out_of_fold(module.estimator(p.model_copy(update=settings)), folds, rows, task)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of the fits that are compared; the final fit may warn
        scores = [score(settings) for settings in grid] if folds else [{} for _ in grid]
    best = grid[int(np.argmin([score["cross_entropy"] for score in scores]))] if folds else grid[0]
    tried = [{**settings, **score} for settings, score in zip(grid, scores, strict=True)]
    return p.model_copy(update=best), {"folds": len(folds), "chosen": best, "tried": tried}


def _possible(module, grid, task, p):
    """The grid without the combinations that `module.why_not` excludes."""
    if not hasattr(module, "why_not"):
        return grid
    reasons = [module.why_not(p.model_copy(update=settings), task) for settings in grid]
    possible = [settings for settings, reason in zip(grid, reasons, strict=True) if not reason]
    if not possible:
        raise NotRun("; ".join(dict.fromkeys(reasons)))
    return possible


def _out_of_fold(estimator, folds, rows, task):
    """{cross_entropy, accuracy} of the held-out clips."""
    from sklearn.base import clone

    held = np.concatenate([held for _, held in folds])
    models = (fitted(clone(estimator), rows.take(train), task) for train, _ in folds)
    parts = (probabilities(model, rows.x[held], task) for model, (_, held) in zip(models, folds, strict=True))
    y_score, y_true = np.concatenate(list(parts)), rows.y[held]
    of_true = np.clip(np.where(y_true, y_score, 1 - y_score), 1e-7, 1)
    right = (task.decide(y_score) == y_true).all(axis=1)
    return {"cross_entropy": round(float(-np.log(of_true).mean()), 6), "accuracy": round(float(right.mean()), 4)}


def folds_of(train, n):
    """Pairs of row numbers, for training and held out, with each clip's rarest class spread evenly over the folds."""
    from sklearn.model_selection import StratifiedGroupKFold

    counts = np.where(train.y, train.y.sum(axis=0), len(train.y) + 1)
    rarest = np.where(train.y.any(axis=1), counts.argmin(axis=1), train.y.shape[1])
    n = min(n, len(np.unique(train.sources)), np.bincount(rarest).max())
    if n < 2:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that a class has fewer clips than there are folds
        pairs = list(StratifiedGroupKFold(n).split(rarest, rarest, train.sources))
    for rows, held in pairs:
        if len(held) and len(np.unique(train.y[rows], axis=0)) > 1:  # else there is nothing to learn, or to score
            yield rows, held
