"""The plain convolutional network on pictures that several systems are: blocks of 3x3 convolution without padding,
activation and 2x2 pooling, then dense layers with ReLU, each with its dropout."""

from typing import Annotated

from pydantic import Field, PositiveInt, model_validator

from sourcewise.core.params import Share
from sourcewise.models.keras.inputs import OnPictures
from sourcewise.models.keras.training import head


class Stacked(OnPictures):
    """filters: the width of each block. dense and dropout: the width of each dense layer, and the share of it that
    is dropped."""

    filters: Annotated[list[PositiveInt], Field(min_length=1)]
    dense: list[PositiveInt]
    dropout: list[Share]

    @model_validator(mode="after")
    def _fit_together(self):
        if len(self.dense) != len(self.dropout):
            raise ValueError(f"dense has {len(self.dense)} layers, dropout {len(self.dropout)}: give one for each")
        side = min(self.height, self.width)
        for _ in self.filters:
            side = (side - 2) // 2
        if side < 1:
            raise ValueError(f"{len(self.filters)} blocks leave nothing of pictures {self.height}x{self.width}")
        return self


def build(x, task, p, *, activation="ReLU"):
    """The network for pictures (p.height, p.width, 3); activation: a Keras layer, of the convolutions."""
    import keras
    from keras import layers

    network = [keras.Input(p.shape(x))]
    for filters in p.filters:
        network += [layers.Conv2D(filters, 3), getattr(layers, activation)(), layers.MaxPooling2D(2)]
    network += [layers.Flatten()]
    for width, dropout in zip(p.dense, p.dropout, strict=True):
        network += [layers.Dense(width, "relu"), layers.Dropout(dropout)]
    return keras.Sequential([*network, head(task)])
