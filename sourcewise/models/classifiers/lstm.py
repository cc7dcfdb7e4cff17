"""LSTM layers on one of three preparations of a clip ([R5]), with generated clips in train or without; plain SGD or
Adam is `training.optimizer`.

decibels: the amplitudes of the spectrogram in dB above a floor, followed by zeros where the clip is too short. clip:
the MFCC of the whole clip, resampled to `frames` steps by area, whatever its length. segments:
the MFCC of short segments; a clip's probabilities are the mean of those of its segments.

The report gives no widths and no number of coefficients: 64 units a layer, 13 MFCC. The network standardises each
column by train.
"""

from typing import Annotated, Literal

import cv2
import numpy as np
from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from sourcewise.core.params import Section
from sourcewise.models.keras import training
from sourcewise.models.keras.inputs import Network, View
from sourcewise.models.keras.settings import MaskedTraining


class Layers(Section):
    """pool: frames averaged to one step of the first layer. units: of each LSTM layer."""

    pool: PositiveInt
    units: Annotated[list[PositiveInt], Field(min_length=1)]


class Params(Network):
    """columns: the first so many of a frame's values, null: all. floor_db: of decibels, below the clip's loudest value.
    frames: of a window, or the steps that a whole clip is resampled to.
    """

    training: MaskedTraining
    preparation: Literal["decibels", "clip", "segments"]
    columns: PositiveInt | None
    floor_db: PositiveFloat
    frames: PositiveInt
    layers: Layers

    @model_validator(mode="after")
    def _fit_together(self):
        if (self.features == "stft") != (self.preparation == "decibels"):
            raise ValueError(
                f"preparation is {self.preparation!r}, features {self.features!r}: decibels and stft go together"
            )
        return self

    def view(self):
        """As the preparation says."""
        if self.preparation == "decibels":
            return View(lambda clip: decibels(clip[:, : self.columns], floor_db=self.floor_db), self.frames, fill=0)
        if self.preparation == "clip":
            return View(lambda clip: resampled_to(clip[:, : self.columns], self.frames))
        return View(lambda clip: clip[:, : self.columns], self.frames, fill="last")

    def shape(self, x):
        """Of one window."""
        return self.frames, x[0][:, : self.columns].shape[1]


TAKES = {"frames": Params}


def build(x, task, p):
    """The network for windows (p.frames, n_columns)."""
    import keras
    from keras import layers

    from sourcewise.models.keras.layers import standardise

    scaled = standardise(map(p.view().prepare, x))
    network = [keras.Input(p.shape(x)), scaled, layers.AveragePooling1D(p.layers.pool, padding="same")]
    for k, units in enumerate(p.layers.units, start=1):
        network += [layers.LSTM(units, return_sequences=k < len(p.layers.units))]
    return keras.Sequential([*network, training.head(task)])


def decibels(amplitudes, *, floor_db):
    """Amplitudes of one clip in dB above floor_db below its loudest: from 0 to floor_db, 0 where it is silent."""
    loudest = max(float(amplitudes.max()), 1e-10)
    return (20 * np.log10(np.maximum(amplitudes / loudest, 10 ** (-floor_db / 20))) + floor_db).astype(np.float32)


def resampled_to(clip, n):
    """A clip (n_frames, n_columns) as (n, n_columns): means of equal stretches, or the clip repeated by area."""
    return cv2.resize(np.ascontiguousarray(clip), (clip.shape[1], n), interpolation=cv2.INTER_AREA)
