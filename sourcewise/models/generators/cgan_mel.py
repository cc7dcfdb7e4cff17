"""Conditional DCGAN of log-mel spectrograms (after C. Donahue et al., SpecGAN, ICLR 2019), made audible by a vocoder:
its label is joined to the noise, and as channels of one value each to the spectrogram that the discriminator sees."""

from typing import Annotated

from pydantic import Field, PositiveInt

from sourcewise.core.params import Section, Share
from sourcewise.models.adversarial.inputs import SIDE, Mels

DOUBLED = 3  # times, from 8 by 8 values on
KERNEL = 4  # a multiple of the stride, which avoids checkerboard artefacts


class Layers(Section):
    """filters: widths of the generator, from its dense layer of 8x8 values on, each doubling the side. judge: those of
    the discriminator. dropout: of the latter.
    """

    filters: Annotated[list[PositiveInt], Field(min_length=DOUBLED, max_length=DOUBLED)]
    judge: Annotated[list[PositiveInt], Field(min_length=1, max_length=6)]
    dropout: Share


class Params(Mels):
    """The window, and the layers."""

    layers: Layers


TAKES = {"wave": Params}


def generator(n_in, p):
    """Noise and labels (n_in,) to a spectrogram (64, 64, 1) from 0 to 1."""
    import keras
    from keras import layers

    side = SIDE // 2**DOUBLED
    network = [
        keras.Input((n_in,)),
        layers.Dense(side * side * p.layers.filters[0]),
        layers.Reshape((side, side, p.layers.filters[0])),
    ]
    for filters in (*p.layers.filters[1:], 1):
        network += [layers.BatchNormalization(momentum=0.8), layers.ReLU()]
        network += [layers.Conv2DTranspose(filters, KERNEL, strides=2, padding="same")]
    return keras.Sequential([*network, layers.Activation("sigmoid")], name="generator")


def discriminator(shape, n_labels, p):
    """A spectrogram and its labels to the logit that it is real."""
    import keras
    from keras import layers

    mel, labels = keras.Input(shape), keras.Input((n_labels,))
    channels = layers.Reshape((*shape[:2], n_labels))(layers.RepeatVector(shape[0] * shape[1])(labels))
    x = layers.Concatenate()([mel, channels])
    for filters in p.layers.judge:
        x = layers.LeakyReLU(0.2)(layers.Conv2D(filters, KERNEL, strides=2, padding="same")(x))
        x = layers.Dropout(p.layers.dropout)(x)
    return keras.Model([mel, labels], layers.Dense(1)(layers.Flatten()(x)), name="discriminator")
