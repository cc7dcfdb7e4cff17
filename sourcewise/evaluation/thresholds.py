"""Decision thresholds: the probability from which a class is predicted, chosen on validation."""

import numpy as np


def choose(y_true, probabilities, task):
    """Thresholds (n_classes,) for `task.decide`.

    Two classes share one threshold: that of the largest mean F1, and among equals the one closest to 0.5. Several
    labels have one each: among those whose F1 is within one standard error of the largest (Breiman et al. 1984), the
    one closest to the common threshold, that of the largest micro F1, since a peak on few clips, often of one source,
    is chance. A class that all of the clips carry, or none, has 0.5.
    y_true: boolean (n_clips, n_classes); probabilities: the same shape.
    """
    if task.type == "multiclass":
        return task.thresholds()
    if task.type == "binary":
        of_second, p = y_true[:, 1], probabilities[:, 1]
        return task.thresholds(_best(of_second, p) if of_second.any() and not of_second.all() else 0.5)
    common = _common(y_true.ravel(), probabilities.ravel())
    columns = zip(y_true.T, probabilities.T, strict=True)
    return np.array([_near(common, column, p) if column.any() and not column.all() else 0.5 for column, p in columns])


def _best(y_true, p):
    candidates = _candidates(p, 0.5)
    y_pred = p >= candidates[:, None]  # (thresholds, clips)
    f1 = _f1(y_true, y_pred)[0] + _f1(~y_true, ~y_pred)[0]
    return _closest(candidates[f1 >= f1.max() - 1e-12], 0.5)


def _near(common, y_true, p):
    candidates = _candidates(p, common)
    f1, error = _f1(y_true, p >= candidates[:, None])
    best = f1.argmax()
    return _closest(candidates[f1 >= f1[best] - error[best] - 1e-12], common)


def _common(y_true, p):
    """The threshold of the largest F1 among many probabilities, by cumulative counts."""
    order = np.argsort(-p, kind="stable")
    y_true, p = y_true[order], p[order]
    f1 = 2 * np.cumsum(y_true) / (np.arange(1, len(p) + 1) + y_true.sum())
    last = np.flatnonzero(np.append(p[1:] != p[:-1], True))  # of equal probabilities
    best = last[f1[last].argmax()]
    return float(p[best] + p[min(best + 1, len(p) - 1)]) / 2


def _candidates(p, first):
    values = np.unique(p)
    return np.concatenate([[first], (values[1:] + values[:-1]) / 2])


def _closest(values, to):
    return float(values[np.abs(values - to).argmin()])


def _f1(y_true, y_pred):
    """F1 of each row of `y_pred`, and its standard error: the binomial one of the share of hits among all clips true or
    predicted, times the slope of F1 = 2 share / (1 + share)."""
    n = np.maximum((y_pred | y_true).sum(axis=1), 1)
    share = (y_pred & y_true).sum(axis=1) / n
    return 2 * share / (1 + share), 2 / (1 + share) ** 2 * np.sqrt(share * (1 - share) / n)
