"""Multi-layer perceptron on mel pictures, flattened (R3, where it did not run: layers, solver and scaling are `mlp`'s).

An event that may be anywhere in a flattened picture is another one in each place: a hundred clips show it in too few
of them to know it in the next (events).
"""

import warnings
from functools import partial
from typing import Annotated

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from stages.zoo import _sklearn
from stages.zoo._sklearn.inputs import OnPictures


class Params(OnPictures):
    """`classifiers.mlp_png`: the widths of the layers, L2, and the largest number of iterations."""

    hidden: Annotated[list[PositiveInt], Field(min_length=1)]
    alpha: NonNegativeFloat
    iterations: PositiveInt
    seed: NonNegativeInt


def fit(train, validation, task, p):
    """Each colour of each pixel is standardised on train; validation is not used."""
    network = MLPClassifier(p.hidden, solver="lbfgs", alpha=p.alpha, max_iter=p.iterations, random_state=p.seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of iterations is chosen
        return _sklearn.fit(make_pipeline(StandardScaler(), network), _sklearn.pictures, train, task, p)


load = partial(_sklearn.load, Params, _sklearn.pictures)
