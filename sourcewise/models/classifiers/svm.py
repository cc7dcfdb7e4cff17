"""Support vector machine with an RBF kernel ([R1]: on the mean and standard deviation of each MFCC), every column
standardised on train.

Tests give YAMNet, whose embeddings it reads in one entry, random weights: of those it cannot learn `events`.
"""

from typing import Literal

from pydantic import PositiveFloat

from sourcewise.core.params import Section
from sourcewise.models.sklearn.settings import takes


class Svm(Section):
    """`C`, the inverse of the regularisation; `gamma`, of the kernel."""

    C: PositiveFloat
    gamma: PositiveFloat | Literal["scale", "auto"]


TAKES = takes(Svm)


def estimator(p):
    """Not fitted."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    return make_pipeline(StandardScaler(), SVC(C=p.C, gamma=p.gamma))
