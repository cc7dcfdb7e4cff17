"""From which probability on a class is taken to be there, chosen on validation."""

import numpy as np


def choose(y_true, probabilities, task):
    """Thresholds (n_classes,) for `task.decide` on clips that these stand for.

    Of two classes one threshold serves both: that of the largest mean of their F1, and of several as good the one
    closest to 0.5. Several labels have one each: of those whose F1 is within one standard error of the largest
    (Breiman et al. 1984) the one closest to the common threshold, that of the largest F1 over all classes, since a
    peak in few clips, often of one source, is chance. A class that all of the clips carry, or none, has 0.5.
    y_true: boolean (n_clips, n_classes); probabilities: the same shape.
    """
    if task.type == "multiclass":
        return task.thresholds()
    if task.type == "binary":
        there, p = y_true[:, 1], probabilities[:, 1]
        return task.thresholds(_best(there, p) if there.any() and not there.all() else 0.5)
    common = _common(y_true.ravel(), probabilities.ravel())
    each = zip(y_true.T, probabilities.T, strict=True)
    return np.array([_near(common, there, p) if there.any() and not there.all() else 0.5 for there, p in each])


def _best(there, p):
    tried = _tried(p, 0.5)
    found = p >= tried[:, None]  # (thresholds, clips)
    f1 = _f1(there, found)[0] + _f1(~there, ~found)[0]
    return _closest(tried[f1 >= f1.max() - 1e-12], 0.5)


def _near(common, there, p):
    tried = _tried(p, common)
    f1, error = _f1(there, p >= tried[:, None])
    best = f1.argmax()
    return _closest(tried[f1 >= f1[best] - error[best] - 1e-12], common)


def _common(there, p):
    """The threshold of the largest F1, of many probabilities, from the counts of each that is higher."""
    order = np.argsort(-p, kind="stable")
    there, p = there[order], p[order]
    f1 = 2 * np.cumsum(there) / (np.arange(1, len(p) + 1) + there.sum())
    last = np.flatnonzero(np.append(p[1:] != p[:-1], True))  # of equal ones
    best = last[f1[last].argmax()]
    return float(p[best] + p[min(best + 1, len(p) - 1)]) / 2


def _tried(p, first):
    values = np.unique(p)
    return np.concatenate([[first], (values[1:] + values[:-1]) / 2])


def _closest(values, to):
    return float(values[np.abs(values - to).argmin()])


def _f1(there, found):
    """F1 of each row of `found`, and its standard error: that of the share of hits among all that is there or found,
    a binomial one, times the slope of F1 = 2 share / (1 + share)."""
    n = np.maximum((found | there).sum(axis=1), 1)
    share = (found & there).sum(axis=1) / n
    return 2 * share / (1 + share), 2 / (1 + share) ** 2 * np.sqrt(share * (1 - share) / n)
