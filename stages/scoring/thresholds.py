"""From which probability on a class is taken to be there, chosen on validation."""

import numpy as np


def choose(truth, probabilities, task):
    """Thresholds (n_classes,) for `task.decide` that give the largest F1 on these clips, for each class by itself.

    Of two classes one threshold serves both, chosen by the mean of their F1. Where several thresholds do as well, the
    one closest to 0.5 is taken, and so is 0.5 for a class that all of the clips carry, or none.
    truth: boolean (n_clips, n_classes); probabilities: the same shape.
    """
    if task.kind == "multiclass":
        return task.thresholds()
    if task.kind == "binary":
        return task.thresholds(_best(truth[:, 1], probabilities[:, 1], both=True))
    return np.array([_best(there, p, both=False) for there, p in zip(truth.T, probabilities.T, strict=True)])


def _best(there, p, *, both):
    if there.all() or not there.any():
        return 0.5
    values = np.unique(p)
    tried = np.concatenate([[0.5], (values[1:] + values[:-1]) / 2])
    found = p >= tried[:, None]  # (thresholds, clips)
    f1 = _f1(there, found) + (_f1(~there, ~found) if both else 0)
    best = tried[f1 >= f1.max() - 1e-12]
    return float(best[np.abs(best - 0.5).argmin()])


def _f1(there, found):
    hit = (found & there).sum(axis=1)
    return 2 * hit / (found.sum(axis=1) + there.sum())
