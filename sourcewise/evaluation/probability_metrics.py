"""What probabilities say before anything is decided: how well they rank clips, and whether they can be believed.

scikit-learn's numbers (curves.py) but for the calibration error, which it does not have. truth: boolean (n_clips,
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


def by_class(truth, decided, probabilities, classes):
    """{class: {clips, precision, recall, f1, roc_auc, average_precision}}, None where test cannot tell.

    Nothing but precision can be told of a class without a clip, nor the area under the curve where each clip has it.
    """
    table = *rates(truth, decided, np.nan), truth.sum(axis=0)
    found = {}
    for k, name in enumerate(classes):
        there, p = truth[:, k], probabilities[:, k]
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


def overall(task, truth, probabilities, of_classes, *, bins):
    """roc_auc and mean_average_precision, means over the classes that have them; calibration; log_loss, or lwlrap where
    clips carry several labels: the precision at the rank of each label that a clip carries, all labels weighing alike.
    """
    found = {"roc_auc": _mean(of_classes, "roc_auc")}
    found["mean_average_precision"] = _mean(of_classes, "average_precision")
    if task.one_label:
        shares = np.clip(probabilities, LEAST, 1)
        shares /= shares.sum(axis=1, keepdims=True)
        found["log_loss"] = rounded(-np.log(shares[truth]).mean())
        answers = probabilities.max(axis=1), truth[np.arange(len(truth)), probabilities.argmax(axis=1)]
    else:
        found["lwlrap"] = rounded(curves.label_ranking(truth, probabilities)) if truth.any() else None
        answers = probabilities.ravel(), truth.ravel()
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


def roc(truth, probabilities):
    """[[false positive rate, true positive rate]] of all classes' answers at once, at the rates of GRID; [] where test
    has but one kind."""
    if truth.all() or not truth.any():
        return []
    false, true = curves.roc(truth.ravel(), probabilities.ravel())
    return [[rounded(x), rounded(y)] for x, y in zip(GRID, np.interp(GRID, false, true), strict=True)]


def _mean(of_classes, key):
    values = [found[key] for found in of_classes.values() if found[key] is not None]
    return rounded(np.mean(values)) if values else None
