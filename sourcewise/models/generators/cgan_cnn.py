"""Conditional GAN of one-dimensional convolutions ([R5], in the layout of WaveGAN, Donahue et al. 2019): its label is
joined to the noise, and as channels of one value each to what the discriminator sees, a wave or its log-mel frames."""

from typing import Annotated

from pydantic import Field, PositiveInt, model_validator

from sourcewise.core.params import Section, Share
from sourcewise.models.adversarial.inputs import Waves

STRIDE, KERNEL = 4, 24  # of waves
FRAME_STRIDE, FRAME_KERNEL = 2, 5


class Layers(Section):
    """filters: widths of the generator, from its dense layer on: each makes a wave four times as long. judge: those of
    the discriminator. dropout: of the latter.
    """

    filters: Annotated[list[PositiveInt], Field(min_length=1)]
    judge: Annotated[list[PositiveInt], Field(min_length=1)]
    dropout: Share


class Params(Waves):
    """The window, and the layers."""

    layers: Layers

    @model_validator(mode="after")
    def _fit_together(self):
        if self.samples % self._step:
            raise ValueError(f"samples is {self.samples}, must be a multiple of {self._step}, 4 a layer of filters")
        return self

    @property
    def _step(self):
        return STRIDE ** len(self.layers.filters)

    @property
    def first(self):
        """Steps that the wave is made from."""
        return self.samples // self._step


TAKES = {"wave": Params}


def generator(n_in, p):
    """Noise and labels (n_in,) to samples (p.samples,), not squashed."""
    import keras
    from keras import layers

    network = [
        keras.Input((n_in,)),
        layers.Dense(p.first * p.layers.filters[0]),
        layers.Reshape((p.first, p.layers.filters[0])),
    ]
    for filters in (*p.layers.filters[1:], 1):
        network += [layers.BatchNormalization(momentum=0.8), layers.ReLU()]
        network += [layers.Conv1DTranspose(filters, KERNEL, strides=STRIDE, padding="same")]
    return keras.Sequential([*network, layers.Flatten()], name="generator")


def discriminator(shape, n_labels, p):
    """Samples and labels to the logit that they are real."""
    import keras
    from keras import layers

    from sourcewise.models.adversarial.layers import LogMel

    wave, labels = keras.Input(shape), keras.Input((n_labels,))
    frames = p.judged_as == "log_mel"
    x = LogMel(p.sr)(wave) if frames else layers.Reshape((*shape, 1))(wave)
    x = layers.Concatenate()([x, layers.RepeatVector(x.shape[1])(labels)])
    kernel, stride = (FRAME_KERNEL, FRAME_STRIDE) if frames else (KERNEL, STRIDE)
    for filters in p.layers.judge:
        x = layers.LeakyReLU(0.2)(layers.Conv1D(filters, kernel, strides=stride, padding="same")(x))
        x = layers.Dropout(p.layers.dropout)(x)
    return keras.Model([wave, labels], layers.Dense(1)(layers.Flatten()(x)), name="discriminator")
