"""LSTM layers on one of three preparations of a clip (R5): see sourcewise/models/keras/lstm.py."""

from functools import partial

from sourcewise.models.keras import training
from sourcewise.models.keras.lstm import Params, brought_to, build, decibels

__all__ = ["Params", "brought_to", "build", "decibels", "fit", "load"]

fit = partial(training.fit, build)
load = partial(training.load, Params)
