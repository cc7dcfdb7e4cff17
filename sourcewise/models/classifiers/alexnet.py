"""AlexNet on mel spectrogram images of 100x70 ([R3]): five convolutions, three overlapping poolings, two dense layers.

Batch normalisation comes after the first, second and fifth convolution, in the place of the response normalisation of
Krizhevsky et al. 2012 and before the last pooling: the report does not say where. The first convolution is not
padded, the others are; kernels that the report does not give are 3x3, as in the original.
"""

from typing import Annotated

from pydantic import Field, PositiveInt

from sourcewise.core.params import Section, Share
from sourcewise.models.keras import training
from sourcewise.models.keras.inputs import OnImages

Side = Annotated[int, Field(ge=67)]  # the poolings leave nothing of a smaller image


class Layers(Section):
    """The widths of the five convolutions, of the two dense layers, and their dropout."""

    filters: Annotated[list[PositiveInt], Field(min_length=5, max_length=5)]
    dense: PositiveInt
    dropout: Share


class Params(OnImages):
    """The images' size, and the layers."""

    height: Side
    width: Side
    layers: Layers


TAKES = {"image": Params}


def build(x, task, p):
    """The network for images (p.height, p.width, 3)."""
    import keras
    from keras import layers

    def convolution(filters, kernel, **options):
        return layers.Conv2D(filters, kernel, activation="relu", **options)

    def normalise_and_pool():
        return [layers.BatchNormalization(momentum=0.9), layers.MaxPooling2D(3, strides=2)]

    first, second, *middle, last = p.layers.filters
    network = [keras.Input(p.shape(x)), convolution(first, 11, strides=4), *normalise_and_pool()]
    network += [convolution(second, 5, padding="same"), *normalise_and_pool()]
    network += [convolution(filters, 3, padding="same") for filters in (*middle, last)] + normalise_and_pool()
    network += [layers.Flatten()]
    for _ in range(2):
        network += [layers.Dense(p.layers.dense, "relu"), layers.Dropout(p.layers.dropout)]
    return keras.Sequential([*network, training.head(task)])
