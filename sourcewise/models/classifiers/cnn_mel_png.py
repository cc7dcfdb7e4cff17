"""Convolutional network on mel pictures of 128x256 (R2): three blocks of 3x3 convolution, ReLU and pooling, one dense
layer."""

from functools import partial

from stages.zoo import _keras
from stages.zoo._keras.stacked import Stacked, build

Params = Stacked
fit = partial(_keras.fit, build)
load = partial(_keras.load, Params)
