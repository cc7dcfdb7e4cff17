"""LSTM layers on one of three preparations of a clip (R5): see stages/zoo/_keras/lstm.py."""

from functools import partial

from stages.zoo import _keras
from stages.zoo._keras.lstm import Params, brought_to, build, decibels

__all__ = ["Params", "brought_to", "build", "decibels", "fit", "load"]

fit = partial(_keras.fit, build)
load = partial(_keras.load, Params)
