"""Multinomial logistic regression on the table, each column scaled to 0 to 1 (R3)."""

from functools import partial
from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt

from sourcewise.core.params import Classifier
from sourcewise.models.sklearn import estimators
from sourcewise.models.sklearn.search import best


class Params(Classifier):
    """`classifiers.logreg`; of several values for C one is chosen by folds of train."""

    input: Literal["table"]
    family: Literal["sklearn"]
    C: PositiveFloat | Annotated[list[PositiveFloat], Field(min_length=1)]
    max_iter: PositiveInt


def fit(train, validation, task, p):
    """The scale is that of train, and of what is kept of it in a fold; validation is not used."""
    if isinstance(p.C, list):
        return best(partial(_estimator, p), [{"C": C} for C in p.C], estimators.table, train, task, p)
    return estimators.fit(_estimator(p, p.C), estimators.table, train, task, p)


def _estimator(p, C):
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler

    return make_pipeline(MinMaxScaler(), LogisticRegression(C=C, max_iter=p.max_iter))


load = partial(estimators.load, Params, estimators.table)
