"""Initial weights of networks, as `network.Network` takes them."""

from itertools import pairwise

import numpy as np


def random(widths, rng):
    """Weights from -1 to 1 and no biases, as micrograd's own; widths: of the input and of each layer."""
    return [(rng.uniform(-1, 1, (n_out, n_in)), np.zeros(n_out)) for n_in, n_out in pairwise(widths)]


def regression(rows, y_true):
    """Weights (n_columns,) and bias of the logistic regression of y_true (n,), boolean, on rows; if all or no clips
    carry the class, zero weights and a bias of that sign."""
    from sklearn.linear_model import LogisticRegression

    if y_true.all() or not y_true.any():
        return np.zeros(rows.shape[1]), 1.0 if y_true.all() else -1.0
    model = LogisticRegression(max_iter=1000).fit(rows, y_true)
    return model.coef_[0], float(model.intercept_[0])


def from_regression(widths, weights, bias, rng):
    """Initial weights that decide as the regression does: tanh is odd and increasing, so that
    tanh(... tanh(w x + b)) has its sign.

    The first neuron of the first layer has the regression's weights; the first neuron of each later layer takes only
    the one before it, with weight 1. All other neurons start at random, without weight in these, and gain influence
    in training.
    """
    layers = random(widths, rng)
    layers[0][0][0], layers[0][1][0] = weights, bias
    for layer, _ in layers[1:]:
        layer[0] = np.eye(layer.shape[1])[0]
    return layers
