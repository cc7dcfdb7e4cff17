"""Multi-layer perceptron on mel pictures, flattened, each colour of each pixel standardised (R3, where it did not run:
layers and solver are `mlp`'s).

An event that may be anywhere in a flattened picture is another one in each place: a hundred clips show it in too few
of them to know it in the next (events).
"""

from functools import partial

from stages.zoo import _sklearn
from stages.zoo._sklearn import perceptron
from stages.zoo._sklearn.inputs import OnPictures


class Params(OnPictures, perceptron.Layers):
    """`classifiers.mlp_png`."""


fit = partial(perceptron.fit, _sklearn.pictures)
load = partial(_sklearn.load, Params, _sklearn.pictures)
