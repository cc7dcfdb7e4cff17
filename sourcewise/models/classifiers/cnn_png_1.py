"""Convolutional network on mel pictures of 100x70 (R3), the first one: one block, one dense layer."""

from functools import partial

from stages.zoo import _keras
from stages.zoo._keras.stacked import Stacked, build

Params = Stacked
fit = partial(_keras.fit, build)
load = partial(_keras.load, Params)
