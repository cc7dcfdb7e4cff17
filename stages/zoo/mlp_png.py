"""Multi-layer perceptron on mel pictures, flattened, as `mlp` is on the table (R3, where it did not run: its layers and
its solver are taken from `mlp`)."""

import warnings
from functools import partial
from typing import Annotated

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from stages.zoo import _sklearn
from stages.zoo._sklearn.inputs import OnPictures


class Params(OnPictures):
    """`classifiers.mlp_png`: the widths of the layers, L2, and the largest number of iterations."""

    hidden: Annotated[list[PositiveInt], Field(min_length=1)]
    alpha: NonNegativeFloat
    iterations: PositiveInt
    seed: NonNegativeInt


def fit(train, validation, task, p):
    """Colours are from 0 to 1 and need no scale of train's; validation is not used."""
    network = MLPClassifier(p.hidden, solver="lbfgs", alpha=p.alpha, max_iter=p.iterations, random_state=p.seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of iterations is chosen
        return _sklearn.fit(network, _sklearn.pictures, train, task, p)


load = partial(_sklearn.load, Params, _sklearn.pictures)
