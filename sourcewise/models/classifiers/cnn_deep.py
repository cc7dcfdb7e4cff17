"""The deeper variant of `cnn_basic` (R1), which did no better: four blocks where that one has two.

The report gives no widths: 32, 64, 128 and 128, and 128 dense units with dropout 0.2 are the choice here.
"""

from functools import partial

from sourcewise.models.keras import training
from sourcewise.models.keras.stacked import Stacked, build

Params = Stacked
fit = partial(training.fit, build)
load = partial(training.load, Params)
