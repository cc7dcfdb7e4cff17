"""Temperature scaling (Guo et al., ICML 2017): one number per classifier and fold that makes probabilities comparable.

Distances of an SVM, votes of a forest and squared errors of a small network become probabilities of one scale, so that
their log loss compares what they know, not how they state it. The predicted classes stay the same.
y_true: boolean (n_clips, n_classes); probabilities: the same shape, in [0, 1].
"""

import numpy as np
import scipy

#: Probabilities are stored with six digits: the smallest is taken as half of the last one.
LEAST = 5e-7
#: The range of temperatures: from a hundred times as confident to equal probabilities, practically.
TEMPERATURES = (0.01, 100)


def fit(y_true, probabilities, task):
    """The temperature of the lowest log loss on these clips, of validation, rounded to four digits.

    The log loss is that of smoothed targets, with (n + 1) / (n + n_classes) for the class that a clip carries, of n
    clips (Platt, Advances in Large Margin Classifiers, 1999): without it the temperature of a classifier that makes no
    mistake on a small validation part would be 0. With several labels n counts the clips of both kinds of each class.
    """
    log_odds, targets = _log_odds(probabilities, task), _smoothed(y_true, task)

    def loss(log_temperature):
        return _cross_entropy(targets, log_odds / np.exp(log_temperature), task)

    found = scipy.optimize.minimize_scalar(loss, bounds=np.log(TEMPERATURES), method="bounded", options={"xatol": 1e-6})
    return float(f"{np.exp(found.x):.4g}")


def scaled(probabilities, temperature, task):
    """The probabilities after division of their log-odds by the temperature, the same shape."""
    log_odds = _log_odds(probabilities, task) / temperature
    return scipy.special.softmax(log_odds, axis=1) if task.one_label else scipy.special.expit(log_odds)


def log_loss(y_true, probabilities, task):
    """The mean over clips of the negative log probability of the class that each carries; with several labels, the mean
    over clips and classes of that of whether a clip carries it."""
    return _cross_entropy(y_true.astype(float), _log_odds(probabilities, task), task)


def _log_odds(probabilities, task):
    """Numbers whose softmax, or with several labels whose logistic function, gives the probabilities."""
    p = np.clip(probabilities, LEAST, 1 - LEAST)
    return np.log(p) if task.one_label else scipy.special.logit(p)


def _cross_entropy(targets, log_odds, task):
    if task.one_label:
        return -float((targets * scipy.special.log_softmax(log_odds, axis=1)).sum(axis=1).mean())
    return float((np.logaddexp(0, log_odds) - targets * log_odds).mean())


def _smoothed(y_true, task):
    n, n_classes = y_true.shape
    if task.one_label:
        return (y_true * n + 1) / (n + n_classes)
    carried = y_true.sum(axis=0)
    return np.where(y_true, (carried + 1) / (carried + 2), 1 / (n - carried + 2))
