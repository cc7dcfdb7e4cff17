"""What probabilities say before anything is decided: how well they rank clips, and whether they can be believed.

scikit-learn's numbers (curves.py) but for the calibration error, which it does not have. y_true: boolean (n_clips,
n_classes); probabilities: the same shape, in [0, 1].
"""

import numpy as np

from sourcewise.evaluation import curves
from sourcewise.evaluation.intervals import rounded
from sourcewise.evaluation.metrics import rates

#: Probabilities are stored with six digits: none is taken to be below half of the last one.
LEAST = 5e-7
#: False positive rates at which a curve is written.
GRID = np.linspace(0, 1, 41)


def by_class(y_true, y_pred, probabilities, classes):
    """{class: {clips, precision, recall, f1, roc_auc, average_precision}}, None where test cannot tell.

    Nothing but precision can be told of a class without a clip, nor the area under the curve where each clip has it.
    """
    table = *rates(y_true, y_pred, np.nan), y_true.sum(axis=0)
    found = {}
    for k, name in enumerate(classes):
        there, p = y_true[:, k], probabilities[:, k]
        precision, recall, f1, n = (column[k] for column in table)
        found[name] = {
            "clips": int(n),
            "precision": rounded(precision),
            "recall": rounded(recall),
            "f1": rounded(f1) if n else None,
            "roc_auc": rounded(curves.roc_auc(there, p)) if 0 < n < len(there) else None,
            "average_precision": rounded(curves.average_precision(there, p)) if n else None,
        }
    return found


def overall(task, y_true, probabilities, of_classes, *, bins):
    """roc_auc and mean_average_precision, means over the classes that have them; calibration; log_loss, or lwlrap where
    clips carry several labels: the precision at the rank of each label that a clip carries, all labels weighing alike.
    """
    found = {"roc_auc": _mean(of_classes, "roc_auc")}
    found["mean_average_precision"] = _mean(of_classes, "average_precision")
    if task.one_label:
        shares = np.clip(probabilities, LEAST, 1)
        shares /= shares.sum(axis=1, keepdims=True)
        found["log_loss"] = rounded(-np.log(shares[y_true]).mean())
        answers = probabilities.max(axis=1), y_true[np.arange(len(y_true)), probabilities.argmax(axis=1)]
    else:
        found["lwlrap"] = rounded(curves.label_ranking(y_true, probabilities)) if y_true.any() else None
        answers = probabilities.ravel(), y_true.ravel()
    return found | {"calibration": calibration(*answers, bins=bins)}


def calibration(confidence, right, *, bins):
    """{error, bins: [[answers, mean confidence, share right]]} of as many equally wide bins of confidence, 0 to 1, less
    those without an answer.

    error: the mean distance of confidence from the share of answers that are right, answers weighing alike (expected
    calibration error, Guo et al. 2017). Where a clip has one label, an answer is its most probable class; else each
    class is asked of each clip. confidence, right: (n_answers,).
    """
    place = np.minimum((np.asarray(confidence) * bins).astype(int), bins - 1)
    n, sure, hit = (np.bincount(place, weights=w, minlength=bins) for w in (np.ones(len(place)), confidence, right))
    rows = [[int(m), rounded(a / m), rounded(b / m)] for m, a, b in zip(n, sure, hit, strict=True) if m]
    return {"error": rounded(np.abs(sure - hit).sum() / n.sum()), "bins": rows}


def roc(y_true, probabilities):
    """[[false positive rate, true positive rate]] of all classes' answers at once, at the rates of GRID; [] where test
    has but one kind."""
    if y_true.all() or not y_true.any():
        return []
    false, true = curves.roc(y_true.ravel(), probabilities.ravel())
    return [[rounded(x), rounded(y)] for x, y in zip(GRID, np.interp(GRID, false, true), strict=True)]


def _mean(of_classes, key):
    values = [found[key] for found in of_classes.values() if found[key] is not None]
    return rounded(np.mean(values)) if values else None
