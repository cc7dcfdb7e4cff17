"""Conditional GAN of fully connected layers ([R5]), its label joined to the noise and to what the discriminator sees:
on whole clips (`cgan_fcn`), and on windows of four seconds, drawn from each clip in every epoch (`cgan_fcn_4s`)."""

from typing import Annotated

from pydantic import Field, PositiveInt

from sourcewise.core.params import Section, Share
from sourcewise.models.adversarial.inputs import Waves


class Layers(Section):
    """hidden: widths of the generator's layers, and backwards those of the discriminator's. dropout: of the latter."""

    hidden: Annotated[list[PositiveInt], Field(min_length=1)]
    dropout: Share


class Params(Waves):
    """The window, and the layers."""

    layers: Layers


TAKES = {"wave": Params}


def generator(n_in, p):
    """Noise and labels (n_in,) to samples (p.samples,), not squashed."""
    import keras
    from keras import layers

    network = [keras.Input((n_in,))]
    for width in p.layers.hidden:
        network += [layers.Dense(width), layers.BatchNormalization(momentum=0.8), layers.LeakyReLU(0.2)]
    return keras.Sequential([*network, layers.Dense(p.samples)], name="generator")


def discriminator(shape, n_labels, p):
    """Samples, or their log-mel frames, and labels, side by side, to the logit that they are real."""
    import keras
    from keras import layers

    from sourcewise.models.adversarial.layers import LogMel

    wave, labels = keras.Input(shape), keras.Input((n_labels,))
    x = layers.Flatten()(LogMel(p.sr)(wave)) if p.judged_as == "log_mel" else wave
    x = layers.Concatenate()([x, layers.Rescaling(float(x.shape[1] ** 0.5))(labels)])  # with the norm of the wave
    for width in reversed(p.layers.hidden):
        x = layers.Dropout(p.layers.dropout)(layers.LeakyReLU(0.2)(layers.Dense(width)(x)))
    return keras.Model([wave, labels], layers.Dense(1)(x), name="discriminator")
