"""Scores of probabilities, independent of thresholds: ranking and calibration.

They equal scikit-learn's (curves.py), except for the expected calibration error, which it lacks.
y_true: boolean (n_clips, n_classes); probabilities: the same shape, in [0, 1].
"""

import numpy as np

from sourcewise.evaluation import curves
from sourcewise.evaluation.intervals import rounded
from sourcewise.evaluation.metrics import rates

#: Probabilities are stored with six digits: the smallest is taken as half of the last one.
LEAST = 5e-7
#: False positive rates at which ROC curves are stored.
GRID = np.linspace(0, 1, 41)


def by_class(y_true, y_pred, probabilities, classes):
    """{class: {clips, precision, recall, f1, roc_auc, average_precision}}, None where a score is undefined.

    Only precision is defined for a class without a clip, and no ROC-AUC for one that every clip carries.
    """
    table = *rates(y_true, y_pred, np.nan), y_true.sum(axis=0)
    scores = {}
    for k, name in enumerate(classes):
        carried, p = y_true[:, k], probabilities[:, k]
        precision, recall, f1, n = (column[k] for column in table)
        scores[name] = {
            "clips": int(n),
            "precision": rounded(precision),
            "recall": rounded(recall),
            "f1": rounded(f1) if n else None,
            "roc_auc": rounded(curves.roc_auc(carried, p)) if 0 < n < len(carried) else None,
            "average_precision": rounded(curves.average_precision(carried, p)) if n else None,
        }
    return scores


def overall(task, y_true, probabilities, of_classes, *, bins):
    """roc_auc and mean_average_precision, means over the classes for which they are defined; calibration; log_loss, or
    lwlrap where clips carry several labels.
    """
    scores = {"roc_auc": _mean(of_classes, "roc_auc")}
    scores["mean_average_precision"] = _mean(of_classes, "average_precision")
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


def _mean(of_classes, key):
    values = [scores[key] for scores in of_classes.values() if scores[key] is not None]
    return rounded(np.mean(values)) if values else None
