"""DCGAN ([R1], after Radford et al. 2016): images from noise, by transposed convolutions, against convolutions.

[R1]'s discriminator ends in a sigmoid: here that is part of the loss, for numerical stability.
"""

from typing import Annotated

from pydantic import Field, PositiveInt

from sourcewise.core.params import Section, Share
from sourcewise.models.adversarial.inputs import SIDE, Images

BLOCKS = 4  # each doubles the side, from 4 pixels on
KERNEL = 4  # a multiple of the stride, which avoids checkerboard artefacts
MOMENTUM = 0.8  # of batch normalisation, so that its means converge in a short training


class Layers(Section):
    """filters: widths of the generator, from its dense layer of 4x4 pixels on, and backwards those of the
    discriminator. dropout: of the discriminator.
    """

    filters: Annotated[list[PositiveInt], Field(min_length=BLOCKS, max_length=BLOCKS)]
    dropout: Share


class Params(Images):
    """The layers."""

    layers: Layers


TAKES = {"image": Params}


def generator(n_in, p):
    """Noise (n_in,) to an image (64, 64, 3) from 0 to 1."""
    import keras
    from keras import layers

    side = SIDE // 2**BLOCKS
    network = [keras.Input((n_in,)), layers.Dense(side * side * p.layers.filters[0], use_bias=False)]
    network += [
        layers.Reshape((side, side, p.layers.filters[0])),
        layers.BatchNormalization(momentum=MOMENTUM),
        layers.ReLU(),
    ]
    for filters in p.layers.filters[1:]:
        network += [layers.Conv2DTranspose(filters, KERNEL, strides=2, padding="same", use_bias=False)]
        network += [layers.BatchNormalization(momentum=MOMENTUM), layers.ReLU()]
    network += [layers.Conv2DTranspose(3, KERNEL, strides=2, padding="same", activation="sigmoid")]
    return keras.Sequential(network, name="generator")


def discriminator(shape, n_labels, p):
    """An image to the logit that it is real."""
    import keras
    from keras import layers

    network = [keras.Input(shape)]
    for k, filters in enumerate(reversed(p.layers.filters)):
        network += [layers.Conv2D(filters, KERNEL, strides=2, padding="same")]
        network += [layers.BatchNormalization(momentum=MOMENTUM)] if k else []  # not of the pixels
        network += [layers.LeakyReLU(0.2), layers.Dropout(p.layers.dropout)]
    return keras.Sequential([*network, layers.Flatten(), layers.Dense(1)], name="discriminator")
