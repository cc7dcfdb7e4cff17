"""Multi-layer perceptron on the standardised table, trained on all clips at once by L-BFGS (R3)."""

import warnings
from functools import partial
from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from stages.core.params import Classifier
from stages.zoo import _sklearn


class Params(Classifier):
    """`classifiers.mlp`: the widths of the layers, L2, and the largest number of iterations."""

    input: Literal["table"]
    family: Literal["sklearn"]
    hidden: Annotated[list[PositiveInt], Field(min_length=1)]
    alpha: NonNegativeFloat
    iterations: PositiveInt
    seed: NonNegativeInt


def fit(train, validation, task, p):
    """Columns are standardised on train; validation is not used."""
    network = MLPClassifier(p.hidden, solver="lbfgs", alpha=p.alpha, max_iter=p.iterations, random_state=p.seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of iterations is chosen
        return _sklearn.fit(make_pipeline(StandardScaler(), network), _sklearn.table, train, task, p)


load = partial(_sklearn.load, Params, _sklearn.table)
