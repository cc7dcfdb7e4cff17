"""Multi-layer perceptron on the table, each column standardised (R3)."""

from functools import partial
from typing import Literal

from stages.zoo import _sklearn
from stages.zoo._sklearn import perceptron


class Params(perceptron.Layers):
    """`classifiers.mlp`."""

    input: Literal["table"]
    family: Literal["sklearn"]


fit = partial(perceptron.fit, _sklearn.table)
load = partial(_sklearn.load, Params, _sklearn.table)
