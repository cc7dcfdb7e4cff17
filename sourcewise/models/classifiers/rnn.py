"""Recurrent network on log-mel windows as sequences ([R4]): LSTM layers with recurrent dropout, and one dense layer.

The report gives no activation of the dense layer: ReLU. The cost of a recurrent layer grows with its steps: here each
step is the mean of `pool` frames; in the report, one frame.
"""

from typing import Annotated

from pydantic import Field, PositiveInt

from sourcewise.core.params import Section, Share
from sourcewise.models.keras import training
from sourcewise.models.keras.inputs import OnMel


class Layers(Section):
    """pool: frames a step. units: of each LSTM layer. recurrent_dropout: of the recurrent state.
    dense: the width of the layer after them.
    """

    pool: PositiveInt
    units: Annotated[list[PositiveInt], Field(min_length=1)]
    recurrent_dropout: Share
    dense: PositiveInt


class Params(OnMel):
    """The window, and the layers."""

    layers: Layers


TAKES = {"frames": Params}


def build(x, task, p):
    """The network for windows (p.frames, n_mels)."""
    import keras
    from keras import layers

    network = [
        keras.Input(p.shape(x)),
        layers.AveragePooling1D(p.layers.pool, padding="same"),
    ]  # (batch, steps, n_mels)
    for k, units in enumerate(p.layers.units, start=1):
        more = k < len(p.layers.units)
        network += [layers.LSTM(units, recurrent_dropout=p.layers.recurrent_dropout, return_sequences=more)]
    return keras.Sequential([*network, layers.Dense(p.layers.dense, "relu"), training.head(task)])
