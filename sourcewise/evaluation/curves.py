"""What each threshold on a probability gives: scikit-learn's curves and areas (tests/scoring/test_curves.py), without
the second that its import takes, which is twice as long as all else that the stage `evaluate` does.

there: boolean (n,), which clips carry the class; p: (n,), how probable it is said to be.
"""

import numpy as np


def roc(there, p):
    """False and true positive rates, from (0, 0) to (1, 1); of points on a straight line only its ends."""
    true, false = _counts(there, p)
    turns = (np.diff(true, 2) != 0) | (np.diff(false, 2) != 0)
    ends = np.ones(min(len(true), 2), bool)
    corners = np.concatenate([ends[:1], turns, ends[1:]])
    return tuple(np.concatenate([[0], counts[corners]]) / counts[-1] for counts in (false, true))


def precision_recall(there, p):
    """Precision and recall, from where all are taken to where none is, which is given a precision of 1."""
    true, false = _counts(there, p)
    precision, recall = true / (true + false), true / true[-1]
    return np.append(precision[::-1], 1), np.append(recall[::-1], 0)


def roc_auc(there, p):
    """The area under `roc`: how probable it is that a clip with the class ranks above one without."""
    false, true = roc(there, p)
    return float(np.trapezoid(true, false))


def average_precision(there, p):
    """The mean of `precision_recall` over the clips that carry the class, each where it is first taken."""
    precision, recall = precision_recall(there, p)
    return float(-np.sum(np.diff(recall) * precision[:-1]))


def label_ranking(y_true, probabilities):
    """The precision at the rank of each label that a clip carries, all labels weighing alike (lwlrap; label-weighted
    label-ranking average precision). y_true, probabilities: (n_clips, n_classes)."""
    precisions = []
    for there, p in zip(y_true, probabilities, strict=True):
        for mine in p[there]:
            precisions.append(np.sum(p[there] >= mine) / np.sum(p >= mine))
    return float(np.mean(precisions))


def _counts(there, p):
    """How many clips with the class, and how many without, are taken at each value of p, the highest first."""
    order = np.argsort(-p, kind="stable")
    last = np.append(np.flatnonzero(np.diff(p[order])), len(p) - 1)
    true = np.cumsum(there[order])[last]
    return true, 1 + last - true
