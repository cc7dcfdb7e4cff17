"""Scores of probabilities, independent of thresholds: ranking and calibration.

They equal scikit-learn's (curves.py), except for the expected calibration error, which it lacks.
y_true: boolean (n_clips, n_classes); probabilities: the same shape, in [0, 1].
"""

import numpy as np

from sourcewise.evaluation import curves
from sourcewise.evaluation.intervals import of_share, rounded
from sourcewise.evaluation.metrics import f1_by_class, rates

#: Probabilities are stored with six digits: the smallest is taken as half of the last one.
LEAST = 5e-7
#: False positive rates at which ROC curves are stored.
GRID = np.linspace(0, 1, 41)


def areas(y_true, probabilities, sources):
    """The area under the ROC curve as {value, low, high}: (of each class, in a list; their mean). value is None for a
    class that no clip or every clip carries; the mean is over the others."""
    source_of = np.unique(np.asarray(sources, dtype=str), return_inverse=True)[1]
    sizes = np.bincount(source_of)
    values, without = np.full(y_true.shape[1], np.nan), np.full((y_true.shape[1], len(sizes)), np.nan)
    for k in np.flatnonzero(y_true.any(axis=0) & ~y_true.all(axis=0)):
        carried, p = y_true[:, k], probabilities[:, k]
        values[k] = curves.roc_auc(carried, p)
        without[k] = curves.roc_auc_without(carried, p, source_of, len(sizes))
    defined = np.isfinite(values)
    mean = [of[defined].mean(axis=0) if defined.any() else np.full(of.shape[1:], np.nan) for of in (values, without)]
    each = [of_share(*of, sizes) for of in zip(values, without, strict=True)]
    return each, of_share(*mean, sizes)


def by_class(y_true, y_pred, probabilities, classes, sources, of_roc):
    """{class: {clips, precision, recall, f1, roc_auc, average_precision}}, None where a score is undefined; f1 and
    roc_auc as {value, low, high}.

    Only precision is defined for a class without a clip, and no ROC-AUC for one that every clip carries. of_roc: the
    first of `areas`.
    """
    table = *rates(y_true, y_pred, np.nan)[:2], f1_by_class(y_true, y_pred, sources), of_roc, y_true.sum(axis=0)
    scores = {}
    for k, name in enumerate(classes):
        precision, recall, f1, area, n = (column[k] for column in table)
        scores[name] = {
            "clips": int(n),
            "precision": rounded(precision),
            "recall": rounded(recall),
            "f1": f1,
            "roc_auc": area,
            "average_precision": rounded(curves.average_precision(y_true[:, k], probabilities[:, k])) if n else None,
        }
    return scores


def overall(task, y_true, probabilities, of_classes, area, *, bins):
    """roc_auc, the `area`; mean_average_precision, the mean over the classes for which it is defined; calibration;
    log_loss, or lwlrap where clips carry several labels. of_classes: of `by_class`; area: the second of `areas`.
    """
    average = [of["average_precision"] for of in of_classes.values() if of["average_precision"] is not None]
    scores = {"roc_auc": area, "mean_average_precision": rounded(np.mean(average)) if average else None}
    if task.one_label:
        shares = np.clip(probabilities, LEAST, 1)
        shares /= shares.sum(axis=1, keepdims=True)
        scores["log_loss"] = rounded(-np.log(shares[y_true]).mean())
        predictions = probabilities.max(axis=1), y_true[np.arange(len(y_true)), probabilities.argmax(axis=1)]
    else:
        scores["lwlrap"] = rounded(curves.label_ranking(y_true, probabilities)) if y_true.any() else None
        predictions = probabilities.ravel(), y_true.ravel()
    return scores | {"calibration": calibration(*predictions, bins=bins)}


def calibration(confidence, right, *, bins):
    """{error, bins: [[predictions, mean confidence, accuracy]]} of that many equally wide bins of confidence, 0 to 1,
    without the empty ones.

    error: the expected calibration error (Guo et al. 2017), the mean distance between confidence and accuracy, weighted
    by predictions. Where a clip has one label, its prediction is the most probable class; else there is one prediction
    per clip and class. confidence, right: (n_predictions,).
    """
    bin_of = np.minimum((np.asarray(confidence) * bins).astype(int), bins - 1)
    weights = np.ones(len(bin_of)), confidence, right
    n, expected, hits = (np.bincount(bin_of, weights=w, minlength=bins) for w in weights)
    rows = [[int(m), rounded(a / m), rounded(b / m)] for m, a, b in zip(n, expected, hits, strict=True) if m]
    return {"error": rounded(np.abs(expected - hits).sum() / n.sum()), "bins": rows}


def roc(y_true, probabilities):
    """[[false positive rate, true positive rate]] over all clips and classes at once (micro average), at the rates of
    GRID; [] where all labels are equal."""
    if y_true.all() or not y_true.any():
        return []
    false, true = curves.roc(y_true.ravel(), probabilities.ravel())
    return [[rounded(x), rounded(y)] for x, y in zip(GRID, np.interp(GRID, false, true), strict=True)]
