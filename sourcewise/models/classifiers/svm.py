"""Support vector machine with an RBF kernel, on the mean and standard deviation of each MFCC (R1)."""

from functools import partial
from typing import Literal

from pydantic import PositiveFloat, PositiveInt

from sourcewise.core.params import Classifier
from sourcewise.models.examples import mean_and_sd
from sourcewise.models.sklearn import estimators


class Params(Classifier):
    """`classifiers.svm`."""

    input: Literal["mfcc"]
    family: Literal["sklearn"]
    n_mfcc: PositiveInt
    C: PositiveFloat
    gamma: PositiveFloat | Literal["scale", "auto"]


def fit(train, validation, task, p):
    """Columns are standardised on train; validation is not used."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    estimator = make_pipeline(StandardScaler(), SVC(C=p.C, gamma=p.gamma))
    return estimators.fit(estimator, _statistics, train, task, p)


def _statistics(x, p):
    return mean_and_sd(x, p.n_mfcc)


load = partial(estimators.load, Params, _statistics)
