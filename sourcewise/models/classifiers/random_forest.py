"""Random forest on the table."""

from functools import partial
from typing import Literal

from pydantic import NonNegativeInt, PositiveInt

from stages.core.params import Classifier
from stages.zoo import _sklearn


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
    return _sklearn.fit(estimator, _sklearn.table, train, task, p)


load = partial(_sklearn.load, Params, _sklearn.table)
