"""Gradient-boosted trees by XGBoost, on the table (R3)."""

from functools import partial
from typing import Literal

from pydantic import NonNegativeInt, PositiveFloat, PositiveInt

from stages.core.params import Classifier
from stages.zoo import _sklearn


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
    return _sklearn.fit(estimator, _sklearn.table, train, task, p)


load = partial(_sklearn.load, Params, _sklearn.table)
