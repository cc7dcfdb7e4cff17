"""Multinomial logistic regression on mel pictures, flattened (R3)."""

from functools import partial

from pydantic import PositiveFloat, PositiveInt

from stages.zoo import _sklearn
from stages.zoo._sklearn.inputs import OnPictures


class Params(OnPictures):
    """`classifiers.logreg_png`."""

    C: PositiveFloat
    max_iter: PositiveInt


def fit(train, validation, task, p):
    """Colours are from 0 to 1 and need no scale of train's; validation is not used."""
    from sklearn.linear_model import LogisticRegression

    return _sklearn.fit(LogisticRegression(C=p.C, max_iter=p.max_iter), _sklearn.pictures, train, task, p)


load = partial(_sklearn.load, Params, _sklearn.pictures)
