"""Convolutional network on mel pictures of 100x70 (R3), the first one: one block, one dense layer."""

from functools import partial

from sourcewise.models.keras import training
from sourcewise.models.keras.stacked import Stacked, build

Params = Stacked
fit = partial(training.fit, build)
load = partial(training.load, Params)
