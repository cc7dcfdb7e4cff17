"""Convolutional network on log-mel windows ([R4]): blocks of 3x3 convolution, batch normalisation, ReLU, pooling and
dropout, then the maximum over what is left of time and frequency, and one dense layer."""

from typing import Annotated

from pydantic import Field, PositiveInt

from sourcewise.core.params import Section, Share
from sourcewise.models.keras import training
from sourcewise.models.keras.inputs import OnMel


class Layers(Section):
    """The widths of the blocks and of the dense layer, and dropout."""

    filters: Annotated[list[PositiveInt], Field(min_length=1)]
    dense: PositiveInt
    dropout: Share


class Params(OnMel):
    """The window, and the layers."""

    layers: Layers


TAKES = {"frames": Params}


def build(x, task, p):
    """The network for windows (p.frames, n_mels)."""
    import keras
    from keras import layers

    shape = p.shape(x)
    network = [keras.Input(shape), layers.Reshape((*shape, 1))]
    for filters in p.layers.filters:
        network += [
            layers.Conv2D(filters, 3, padding="same", use_bias=False),
            layers.BatchNormalization(momentum=0.9),  # so that its averages converge in few steps
            layers.ReLU(),
            layers.MaxPooling2D(2, padding="same"),  # (batch, frames / 2, mels / 2, filters)
            layers.Dropout(p.layers.dropout),
        ]
    network += [layers.GlobalMaxPooling2D(), layers.Dense(p.layers.dense, "relu"), layers.Dropout(p.layers.dropout)]
    return keras.Sequential([*network, training.head(task)])
