"""Multinomial logistic regression on the table, each column scaled to 0 to 1 (R3)."""

from functools import partial
from typing import Literal

from pydantic import PositiveFloat, PositiveInt
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from stages.core.params import Classifier
from stages.zoo import _sklearn


class Params(Classifier):
    """`classifiers.logreg`."""

    input: Literal["table"]
    family: Literal["sklearn"]
    C: PositiveFloat
    max_iter: PositiveInt


def fit(train, validation, task, p):
    """The scale is that of train; validation is not used."""
    estimator = make_pipeline(MinMaxScaler(), LogisticRegression(C=p.C, max_iter=p.max_iter))
    return _sklearn.fit(estimator, _sklearn.table, train, task, p)


load = partial(_sklearn.load, Params, _sklearn.table)
