"""Convolutional network on mel pictures of 100x70 (R3), the second one: one block with LeakyReLU, two dense layers.

The slope of the LeakyReLU is that of Keras, 0.3, as the report names no other.
"""

from functools import partial

from stages.zoo import _keras
from stages.zoo._keras.stacked import Stacked, build

Params = Stacked
fit = partial(_keras.fit, partial(build, activation="LeakyReLU"))
load = partial(_keras.load, Params)
