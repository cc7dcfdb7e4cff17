"""Random forest on the table."""

from functools import partial
from typing import Literal

from pydantic import NonNegativeInt, PositiveInt

from sourcewise.core.params import Classifier
from sourcewise.models.sklearn import estimators


class Params(Classifier):
    """`classifiers.random_forest`; `depth: null` grows every tree to its end."""

    input: Literal["table"]
    family: Literal["sklearn"]
    n_trees: PositiveInt
    depth: PositiveInt | None
    seed: NonNegativeInt


def fit(train, validation, task, p):
    """One job, since the sum over trees depends on their order; validation is not used."""
    from sklearn.ensemble import RandomForestClassifier

    estimator = RandomForestClassifier(p.n_trees, max_depth=p.depth, random_state=p.seed, n_jobs=1)
    return estimators.fit(estimator, estimators.table, train, task, p)


load = partial(estimators.load, Params, estimators.table)
