"""What the multi-layer perceptrons share: standardised rows, all clips at once, L-BFGS."""

import warnings
from typing import Annotated

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt

from sourcewise.core.params import Classifier
from sourcewise.models.sklearn import estimators


class Layers(Classifier):
    """hidden: the widths of the layers; alpha: L2; iterations: how many there are at most."""

    hidden: Annotated[list[PositiveInt], Field(min_length=1)]
    alpha: NonNegativeFloat
    iterations: PositiveInt
    seed: NonNegativeInt


def fit(prepare, train, validation, task, p):
    """The scale is that of train; validation is not used."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    network = MLPClassifier(p.hidden, solver="lbfgs", alpha=p.alpha, max_iter=p.iterations, random_state=p.seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of iterations is chosen
        return estimators.fit(make_pipeline(StandardScaler(), network), prepare, train, task, p)
