"""Convolutional network on mel pictures of 128x256 (R2): three blocks of 3x3 convolution, ReLU and pooling, one dense
layer."""

from functools import partial

from sourcewise.models.keras import training
from sourcewise.models.keras.stacked import Stacked, build

Params = Stacked
fit = partial(training.fit, build)
load = partial(training.load, Params)
