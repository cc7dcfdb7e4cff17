"""Convolutional network on mel pictures of 100x70 (R3), the second one: one block with LeakyReLU, two dense layers.

The slope of the LeakyReLU is that of Keras, 0.3, as the report names no other.
"""

from functools import partial

from sourcewise.models.keras import stacked, training

Params = stacked.Stacked
build = partial(stacked.build, activation="LeakyReLU")
fit = partial(training.fit, build)
load = partial(training.load, Params)
