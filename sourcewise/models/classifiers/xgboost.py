"""Gradient-boosted trees by XGBoost, on the table (R3)."""

from functools import partial
from typing import Literal

from pydantic import NonNegativeInt, PositiveFloat, PositiveInt

from sourcewise.core.params import Classifier
from sourcewise.models.sklearn import estimators


class Params(Classifier):
    """`classifiers.xgboost`."""

    input: Literal["table"]
    family: Literal["sklearn"]
    n_trees: PositiveInt
    depth: PositiveInt
    learning_rate: PositiveFloat
    seed: NonNegativeInt


def fit(train, validation, task, p):
    """All trees are grown; validation is not used."""
    from xgboost import XGBClassifier

    estimator = XGBClassifier(
        n_estimators=p.n_trees, max_depth=p.depth, learning_rate=p.learning_rate, random_state=p.seed, n_jobs=1
    )
    return estimators.fit(estimator, estimators.table, train, task, p)


load = partial(estimators.load, Params, estimators.table)
