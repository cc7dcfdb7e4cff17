"""Multi-layer perceptron on the table, each column standardised (R3)."""

from functools import partial
from typing import Literal

from sourcewise.models.sklearn import estimators, perceptron


class Params(perceptron.Layers):
    """`classifiers.mlp`."""

    input: Literal["table"]
    family: Literal["sklearn"]


fit = partial(perceptron.fit, estimators.table)
load = partial(estimators.load, Params, estimators.table)
