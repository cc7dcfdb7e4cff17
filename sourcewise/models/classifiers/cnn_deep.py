"""The deeper variant of `cnn_basic` (R1), which did no better: four blocks where that one has two.

The report gives no widths: 32, 64, 128 and 128, and 128 dense units with dropout 0.2 are the choice here.
"""

from functools import partial

from stages.zoo import _keras
from stages.zoo._keras.stacked import Stacked, build

Params = Stacked
fit = partial(_keras.fit, build)
load = partial(_keras.load, Params)
