"""Linear support vector machine on mel pictures, flattened (R3)."""

from functools import partial

from pydantic import NonNegativeInt, PositiveFloat, PositiveInt

from sourcewise.models.sklearn import estimators
from sourcewise.models.sklearn.inputs import OnPictures


class Params(OnPictures):
    """`classifiers.linear_svc_png`; the seed draws the order in which clips are gone through."""

    C: PositiveFloat
    max_iter: PositiveInt
    seed: NonNegativeInt


def fit(train, validation, task, p):
    """Colours are from 0 to 1 and need no scale of train's; validation is not used."""
    from sklearn.svm import LinearSVC

    return estimators.fit(
        LinearSVC(C=p.C, max_iter=p.max_iter, random_state=p.seed), estimators.pictures, train, task, p
    )


load = partial(estimators.load, Params, estimators.pictures)
