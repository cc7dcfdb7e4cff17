"""ROC and precision-recall curves and their areas, equal to scikit-learn's (tests/evaluation/test_curves.py).

Importing scikit-learn takes a second, twice as long as the rest of the stage `evaluate`.
y_true: boolean (n,), whether each clip carries the class; p: (n,), its predicted probability.
"""

import numpy as np


def roc(y_true, p):
    """False and true positive rates, from (0, 0) to (1, 1); of points on a straight line only the ends."""
    true, false = _counts(y_true, p)
    turns = (np.diff(true, 2) != 0) | (np.diff(false, 2) != 0)
    ends = np.ones(min(len(true), 2), bool)
    corners = np.concatenate([ends[:1], turns, ends[1:]])
    return tuple(np.concatenate([[0], counts[corners]]) / counts[-1] for counts in (false, true))


def precision_recall(y_true, p):
    """Precision and recall, from all clips predicted positive to none, where precision is set to 1."""
    true, false = _counts(y_true, p)
    precision, recall = true / (true + false), true / true[-1]
    return np.append(precision[::-1], 1), np.append(recall[::-1], 0)


def roc_auc(y_true, p):
    """The area under `roc`: the probability that a clip with the class ranks above one without."""
    false, true = roc(y_true, p)
    return float(np.trapezoid(true, false))


def average_precision(y_true, p):
    """The mean precision over the clips that carry the class, each at the threshold that first includes it."""
    precision, recall = precision_recall(y_true, p)
    return float(-np.sum(np.diff(recall) * precision[:-1]))


def label_ranking(y_true, probabilities):
    """The mean precision at the rank of each label that a clip carries, all labels with equal weight (lwlrap,
    label-weighted label-ranking average precision). y_true, probabilities: (n_clips, n_classes)."""
    precisions = []
    for row, p in zip(y_true, probabilities, strict=True):
        for own in p[row]:
            precisions.append(np.sum(p[row] >= own) / np.sum(p >= own))
    return float(np.mean(precisions))


def _counts(y_true, p):
    """True and false positives at each value of p as the threshold, the highest first."""
    order = np.argsort(-p, kind="stable")
    last = np.append(np.flatnonzero(np.diff(p[order])), len(p) - 1)
    true = np.cumsum(y_true[order])[last]
    return true, 1 + last - true
