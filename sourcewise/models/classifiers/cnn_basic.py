"""Convolutional network on mel pictures (R1): blocks of convolution and pooling, and one dense layer.

The report gives neither widths nor the pictures' size: two blocks of 32 and 64 on 100x70, and 128 dense units with
dropout 0.2 are the choice here. Its variant without early stopping is `patience` set to `epochs`.
"""

from functools import partial

from sourcewise.models.keras import training
from sourcewise.models.keras.stacked import Stacked, build

Params = Stacked
fit = partial(training.fit, build)
load = partial(training.load, Params)
