"""The `lstm` with the clips of the generator `cgan_fcn_4s` joined to those of train (R5)."""

from functools import partial
from typing import Literal

from sourcewise.models.keras import enlarged, lstm, training
from sourcewise.models.keras.lstm import build


class Params(lstm.Params):
    """`classifiers.lstm_gan_fcn_4s`: as of `lstm`, but on MFCC with those of generated clips."""

    input: Literal["mfcc_cgan_fcn_4s"]


fit = partial(enlarged.fit, build)
load = partial(training.load, Params)
