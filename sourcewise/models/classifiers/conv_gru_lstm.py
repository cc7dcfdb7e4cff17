"""Convolutions along time and three recurrent layers on MFCC ([R2]): Conv1D - pool - Conv1D - pool - GRU - LSTM - GRU -
dense.

The report gives no kernel, no activation and no position of the dropout: 3 frames, ReLU, after the dense layer. It
scaled each clip by itself, and test not at all; here the network standardises each coefficient by train.
"""

from typing import Annotated

from pydantic import Field, PositiveInt

from sourcewise.core.params import Section, Share
from sourcewise.models.keras import training
from sourcewise.models.keras.inputs import OnFrames


class Layers(Section):
    """filters: the widths of the convolutions. units: of the GRU, the LSTM and the GRU. dense and dropout: of the layer
    after them."""

    filters: Annotated[list[PositiveInt], Field(min_length=1)]
    units: Annotated[list[PositiveInt], Field(min_length=3, max_length=3)]
    dense: PositiveInt
    dropout: Share


class Params(OnFrames):
    """kernel: the frames that a convolution spans. pool: factor of the pooling after each."""

    kernel: PositiveInt
    pool: PositiveInt
    layers: Layers


TAKES = {"frames": Params}


def build(x, task, p):
    """The network for windows (p.frames, n_mfcc)."""
    import keras
    from keras import layers

    from sourcewise.models.keras.layers import standardise

    network = [keras.Input(p.shape(x)), standardise(map(p.view().prepare, x))]
    for filters in p.layers.filters:
        network += [layers.Conv1D(filters, p.kernel, padding="same", activation="relu")]
        network += [layers.MaxPooling1D(p.pool, padding="same")]
    first, second, third = p.layers.units
    network += [layers.GRU(first, return_sequences=True), layers.LSTM(second, return_sequences=True), layers.GRU(third)]
    return keras.Sequential(
        [*network, layers.Dense(p.layers.dense, "relu"), layers.Dropout(p.layers.dropout), training.head(task)]
    )
