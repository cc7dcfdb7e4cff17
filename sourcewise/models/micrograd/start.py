"""Where networks start: the weights of their layers, as `network.Network` takes them."""

from itertools import pairwise

import numpy as np


def random(widths, rng):
    """Weights from -1 to 1 and no biases, as micrograd's own; widths: of the input and of each layer."""
    return [(rng.uniform(-1, 1, (n_out, n_in)), np.zeros(n_out)) for n_in, n_out in pairwise(widths)]


def regression(rows, there):
    """Weights (n_columns,) and bias of the logistic regression of there (n,), boolean, on rows; where all clips carry
    the class, or none does, no weights and a bias that says so."""
    from sklearn.linear_model import LogisticRegression

    if there.all() or not there.any():
        return np.zeros(rows.shape[1]), 1.0 if there.all() else -1.0
    found = LogisticRegression(max_iter=1000).fit(rows, there)
    return found.coef_[0], float(found.intercept_[0])


def from_regression(widths, weights, bias, rng):
    """A start that decides as the regression does: tanh is odd and rises, so that tanh(... tanh(w x + b)) has its sign.

    The first neuron of the first layer has the regression's weights; the first neuron of each later layer takes only
    the one before it, with weight 1. All other neurons start at random, unheard by these, and are heard as learning
    gives them weight.
    """
    layers = random(widths, rng)
    layers[0][0][0], layers[0][1][0] = weights, bias
    for layer, _ in layers[1:]:
        layer[0] = np.eye(layer.shape[1])[0]
    return layers
