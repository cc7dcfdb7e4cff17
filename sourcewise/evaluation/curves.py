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


def roc_auc_without(y_true, p, source_of, n_sources):
    """The area without each of the sources, (n_sources,), NaN where the others lack a side. source_of: (n,), the number
    of each clip's source.

    The area is a share of pairs of clips. Each source loses the pairs that its clips with the class win, and those that
    its others lose; the pairs within it are in both.
    """
    rank, of = np.unique(p, return_inverse=True)[1], source_of
    with_class, others = y_true, ~y_true
    sides = [np.bincount(of[side], minlength=n_sources) for side in (with_class, others)]
    above = _beaten(rank[others], rank[with_class])
    below = with_class.sum() - _beaten(rank[with_class], rank[others])
    key, first = of * (rank.max() + 1) + rank, np.cumsum(sides[1]) - sides[1]
    within = _beaten(key[others], key[with_class]) - first[of[with_class]]
    won, own = (np.bincount(of[with_class], pairs, n_sources) for pairs in (above, within))
    left = above.sum() - won - np.bincount(of[others], below, n_sources) + own
    pairs = np.prod([side.sum() - side for side in sides], axis=0)
    return np.divide(left, pairs, out=np.full(n_sources, np.nan), where=pairs > 0)


def _beaten(values, by):
    """How many of the values each number of `by` exceeds; of an equal one half."""
    ordered = np.sort(values)
    return (np.searchsorted(ordered, by, "left") + np.searchsorted(ordered, by, "right")) / 2


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
