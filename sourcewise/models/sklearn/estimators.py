"""Fitting and prediction of scikit-learn estimators: one shape of probabilities for all tasks."""

import numpy as np
import scipy

PAIRS_AT_ONCE = 25_000_000  # pairs of classes times rows: SVC compares every two classes for each row


def fitted(estimator, rows, task):
    """The estimator fitted on rows, Examples; with several labels a clip, a copy for each class."""
    from sklearn.multiclass import OneVsRestClassifier

    target = task.codes(rows.y)
    return (estimator if target.ndim == 1 else OneVsRestClassifier(estimator)).fit(rows.x, target)


def probabilities(estimator, x, task):
    """Probabilities of a fitted estimator for rows x, (n_clips, n_classes); 0 for classes that train lacked. Decision
    values of estimators without probabilities are squashed: same ranking and decisions, but not calibrated."""
    n = max(1, PAIRS_AT_ONCE // len(task.classes) ** 2)
    result = np.zeros((len(x), len(task.classes)))
    result[:, estimator.classes_] = np.concatenate([_predicted(estimator, x[k : k + n]) for k in range(0, len(x), n)])
    return result


def _predicted(estimator, x):
    from sklearn.multiclass import OneVsRestClassifier

    if hasattr(estimator, "predict_proba"):
        return estimator.predict_proba(x)
    return _squashed(estimator.decision_function(x), isinstance(estimator, OneVsRestClassifier))


def _squashed(decision_values, several_labels):
    if several_labels:
        return scipy.special.expit(decision_values)
    if decision_values.ndim == 1:
        p = scipy.special.expit(decision_values)
        return np.column_stack([1 - p, p])
    return scipy.special.softmax(decision_values, axis=1)
