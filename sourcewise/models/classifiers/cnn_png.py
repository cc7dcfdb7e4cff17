"""Plain convolutional network on mel spectrogram images: blocks of 3x3 convolution without padding, activation and 2x2
pooling, then dense layers with ReLU, each with its dropout.

Several systems are entries of it. [R1] gives neither widths nor the images' size: `cnn_basic` has two blocks,
`cnn_deep`, which did no better there, four; its variant without early stopping is `patience` set to `epochs`. [R2]
(`cnn_mel_png`): three blocks on images of 128x256. [R3] (`cnn_png_1`, `cnn_png_2`): one block on images of 100x70, the
second with LeakyReLU, of Keras' slope, 0.3, as the report names no other.
"""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt, model_validator

from sourcewise.core.params import Section, Share
from sourcewise.models.keras.inputs import OnImages
from sourcewise.models.keras.training import head


class Layers(Section):
    """filters: the width of each block. dense and dropout: the width of each dense layer, and the share of it that is
    dropped."""

    filters: Annotated[list[PositiveInt], Field(min_length=1)]
    dense: list[PositiveInt]
    dropout: list[Share]


class Params(OnImages):
    """The images' size; the activation of the convolutions; the layers."""

    activation: Literal["relu", "leaky_relu"]
    layers: Layers

    @model_validator(mode="after")
    def _fit_together(self):
        filters, dense, dropout = self.layers.filters, self.layers.dense, self.layers.dropout
        if len(dense) != len(dropout):
            raise ValueError(f"dense has {len(dense)} layers, dropout {len(dropout)}: give one for each")
        side = min(self.height, self.width)
        for _ in filters:
            side = (side - 2) // 2
        if side < 1:
            raise ValueError(f"{len(filters)} blocks leave nothing of images {self.height}x{self.width}")
        return self


TAKES = {"image": Params}


def build(x, task, p):
    """The network for images (p.height, p.width, 3)."""
    import keras
    from keras import layers

    activation = {"relu": layers.ReLU, "leaky_relu": layers.LeakyReLU}[p.activation]
    network = [keras.Input(p.shape(x))]
    for filters in p.layers.filters:
        network += [layers.Conv2D(filters, 3), activation(), layers.MaxPooling2D(2)]
    network += [layers.Flatten()]
    for width, dropout in zip(p.layers.dense, p.layers.dropout, strict=True):
        network += [layers.Dense(width, "relu"), layers.Dropout(dropout)]
    return keras.Sequential([*network, head(task)])
