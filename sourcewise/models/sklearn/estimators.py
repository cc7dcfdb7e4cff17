"""Estimators of scikit-learn's kind, fitted on rows and asked: one shape of probabilities for all tasks."""

import numpy as np
import scipy

PAIRS_AT_ONCE = 25_000_000  # of classes, of all rows together: SVC compares every two for each row


def fitted(estimator, rows, task):
    """An estimator, fitted on rows, Examples; with several labels a clip, one copy of it a class."""
    from sklearn.multiclass import OneVsRestClassifier

    target = task.codes(rows.y)
    return (estimator if target.ndim == 1 else OneVsRestClassifier(estimator)).fit(rows.x, target)


def probabilities(estimator, x, task):
    """What a fitted estimator gives for rows x: (n_clips, n_classes); 0 for classes that training lacked. Estimators
    that give only distances have them squashed: they rank and decide as the estimator does, but are not calibrated."""
    n = max(1, PAIRS_AT_ONCE // len(task.classes) ** 2)
    found = np.zeros((len(x), len(task.classes)))
    found[:, estimator.classes_] = np.concatenate([_asked(estimator, x[k : k + n]) for k in range(0, len(x), n)])
    return found


def _asked(estimator, x):
    from sklearn.multiclass import OneVsRestClassifier

    if hasattr(estimator, "predict_proba"):
        return estimator.predict_proba(x)
    return _squashed(estimator.decision_function(x), isinstance(estimator, OneVsRestClassifier))


def _squashed(distances, several_labels):
    if several_labels:
        return scipy.special.expit(distances)
    if distances.ndim == 1:
        p = scipy.special.expit(distances)
        return np.column_stack([1 - p, p])
    return scipy.special.softmax(distances, axis=1)
