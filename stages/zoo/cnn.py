"""Convolutional network on log-mel windows (R4): blocks of 3x3 convolution, batch normalisation, ReLU, pooling and
dropout, then the maximum over what is left of time and frequency, and one dense layer."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from stages.core.params import Share
from stages.zoo import _keras

load = _keras.load


class Params(_keras.Training):
    """`classifiers.cnn`: the widths of the blocks and of the dense layer, and dropout."""

    input: Literal["mel"]
    family: Literal["keras"]
    filters: Annotated[list[PositiveInt], Field(min_length=1)]
    dense: PositiveInt
    dropout: Share


def fit(train, validation, task, p):
    """Trained on train, stopped on validation."""
    n_mels = train.x[0].shape[1]
    return _keras.fit(lambda: build(n_mels, task, p), train, validation, task, p)


def build(n_mels, task, p):
    """The network for windows (p.frames, n_mels), and its loss."""
    import keras
    from keras import layers

    output, loss = _keras.head(task)
    network = [keras.Input((p.frames, n_mels)), layers.Reshape((p.frames, n_mels, 1))]
    for filters in p.filters:
        network += [
            layers.Conv2D(filters, 3, padding="same", use_bias=False),
            layers.BatchNormalization(momentum=0.9),  # as few steps as there are, its averages must follow,
            layers.ReLU(),
            layers.MaxPooling2D(2, padding="same"),  # (batch, frames / 2, mels / 2, filters)
            layers.Dropout(p.dropout),
        ]
    network += [layers.GlobalMaxPooling2D(), layers.Dense(p.dense, "relu"), layers.Dropout(p.dropout), output]
    return keras.Sequential(network), loss
