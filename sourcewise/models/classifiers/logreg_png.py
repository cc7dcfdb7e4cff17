"""Multinomial logistic regression on mel pictures, flattened (R3)."""

from functools import partial

from pydantic import PositiveFloat, PositiveInt

from sourcewise.models.sklearn import estimators
from sourcewise.models.sklearn.inputs import OnPictures


class Params(OnPictures):
    """`classifiers.logreg_png`."""

    C: PositiveFloat
    max_iter: PositiveInt


def fit(train, validation, task, p):
    """Colours are from 0 to 1 and need no scale of train's; validation is not used."""
    from sklearn.linear_model import LogisticRegression

    return estimators.fit(LogisticRegression(C=p.C, max_iter=p.max_iter), estimators.pictures, train, task, p)


load = partial(estimators.load, Params, estimators.pictures)
