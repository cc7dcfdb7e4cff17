"""Multi-layer perceptron on mel pictures, flattened, each colour of each pixel standardised (R3, where it did not run:
layers and solver are `mlp`'s).

An event that may be anywhere in a flattened picture is another one in each place: a hundred clips show it in too few
of them to know it in the next (events).
"""

from functools import partial

from sourcewise.models.sklearn import estimators, perceptron
from sourcewise.models.sklearn.inputs import OnPictures


class Params(OnPictures, perceptron.Layers):
    """`classifiers.mlp_png`."""


fit = partial(perceptron.fit, estimators.pictures)
load = partial(estimators.load, Params, estimators.pictures)
