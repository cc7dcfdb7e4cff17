"""Random forest of shallow trees on four columns: mean and standard deviation of RMS and of zero-crossing rate (R2).

What it scores by folds of train stands in search.json beside the model. Two questions a tree are too few to tell
several events apart that share these four numbers (events).
"""

from functools import partial
from typing import Literal

from pydantic import NonNegativeInt, PositiveInt

from sourcewise.core.params import Classifier
from sourcewise.models.sklearn import estimators
from sourcewise.models.sklearn.search import best


class Params(Classifier):
    """`classifiers.forest_rms_zcr`."""

    input: Literal["table"]
    family: Literal["sklearn"]
    n_trees: PositiveInt
    depth: PositiveInt
    seed: NonNegativeInt


def fit(train, validation, task, p):
    """One job, since the sum over trees depends on their order; validation is not used."""
    return best(partial(_estimator, p), [{"depth": p.depth}], estimators.four_columns, train, task, p)


def _estimator(p, depth):
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(p.n_trees, max_depth=depth, random_state=p.seed, n_jobs=1)


load = partial(estimators.load, Params, estimators.four_columns)
