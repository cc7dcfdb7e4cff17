"""Choosing among settings of an estimator within train, by folds that keep sources together."""

import warnings

import numpy as np

from sourcewise.models.sklearn import estimators


def best(make, grid, prepare, train, task, p):
    """The Model with the settings of least cross-entropy out of fold, the first of them where several tie, fitted on
    all of train.

    make(**settings): an estimator; grid: dicts of settings. There are p.train.folds folds, fewer where train has
    fewer sources; where it has too few for any, the first settings are taken.
    """
    folds = list(_folds(train, p.train.folds))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of fits that are compared; the one that is kept may warn
        rows = train._replace(x=prepare(train.x, p))  # once, as each is made of its clip alone
        scores = [_out_of_fold(make(**settings), folds, rows, task, p) for settings in grid]
    chosen = grid[int(np.argmin([score["cross_entropy"] for score in scores]))] if folds else grid[0]
    tried = [{**settings, **score} for settings, score in zip(grid, scores, strict=True)]
    found = {"folds": len(folds), "chosen": chosen, "tried": tried}
    return estimators.fit(make(**chosen), prepare, train, task, p, found)


def _as_they_are(rows, p):
    return rows


def _out_of_fold(estimator, folds, train, task, p):
    """{cross_entropy, accuracy} of the clips that were held out; nothing without folds."""
    if not folds:
        return {}
    held = np.concatenate([held for _, held in folds])
    models = (estimators.fit(estimator, _as_they_are, train.take(kept), task, p) for kept, _ in folds)
    parts = (model.predict(train.x_of(held)) for model, (_, held) in zip(models, folds, strict=True))
    probabilities, truth = np.concatenate(list(parts)), train.y[held]
    p_of_truth = np.clip(np.where(truth, probabilities, 1 - probabilities), 1e-7, 1)
    right = (task.decide(probabilities) == truth).all(axis=1)
    return {"cross_entropy": round(float(-np.log(p_of_truth).mean()), 6), "accuracy": round(float(right.mean()), 4)}


def _folds(train, n):
    """Pairs of row numbers, kept and held, with each clip's rarest class spread evenly over the folds."""
    from sklearn.model_selection import StratifiedGroupKFold

    carried = np.where(train.y, train.y.sum(axis=0), len(train.y) + 1)
    rarest = np.where(train.y.any(axis=1), carried.argmin(axis=1), train.y.shape[1])
    n = min(n, len(np.unique(train.sources)), np.bincount(rarest).max())
    if n < 2:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that a class has fewer clips than there are folds
        pairs = list(StratifiedGroupKFold(n).split(rarest, rarest, train.sources))
    for kept, held in pairs:
        if len(held) and len(np.unique(train.y[kept], axis=0)) > 1:  # else there is nothing to learn, or to score
            yield kept, held
