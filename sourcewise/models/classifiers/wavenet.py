"""WaveNet as a classifier of mu-law waves ([R2]; van den Oord et al. 2016): a causal convolution, gated residual blocks
of growing dilation, the sum of their skips, then convolution and average pooling twice, down to 2 values a second.

The report gives the blocks, their 20 filters, the kernel of 2 and the 2 Hz. What follows the skips is as in a public
WaveNet classifier: ReLU, then twice a convolution with ReLU as long as the average pooling after it, to 200 Hz and
to 2 Hz. The mean over time goes to the head, which is a softmax over all classes; the report's was over one unit, which
is always 1 and cannot learn.

In params.yaml each step sees 16,416 samples, 1.026 s at 16 kHz; the report's network, of ten blocks, 1,025 samples.
With a `stride` the first convolution takes `kernel * stride` samples at a time and steps on by `stride`: the blocks
then run at sr / stride, their cost falls and their reach grows by as much. A stride of 1 is the report's network.
"""

from itertools import pairwise
from typing import Annotated

import numpy as np
from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from sourcewise.audio.samples import to_float
from sourcewise.core import messages
from sourcewise.core.params import Section
from sourcewise.models.keras import training
from sourcewise.models.keras.inputs import OnWave, View

MU = 255


class Layers(Section):
    """stride: samples to one step. filters and kernel: of all convolutions before the skips are summed. blocks: of
    dilations 1, 2, 4, ..., in steps. pooled_hz: the rates that pooling ends at.
    """

    stride: PositiveInt
    filters: PositiveInt
    kernel: Annotated[int, Field(ge=2)]
    blocks: Annotated[int, Field(ge=1, le=20)]
    pooled_hz: Annotated[list[PositiveFloat], Field(min_length=1)]


class Params(OnWave):
    """sr: of the wave, in Hz, as in features.wave."""

    sr: PositiveInt
    layers: Layers

    @model_validator(mode="after")
    def _fit_together(self):
        for above, below in pairwise([self.sr / self.layers.stride, *self.layers.pooled_hz]):
            if above < below:
                raise ValueError(f"pooled_hz must fall from sr / stride on, but {below:g} follows {above:g}")
        return self

    def view(self):
        """Pads short clips with silence, which mu-law leaves as 0."""
        return View(lambda clip: mu_law(to_float(clip)), self.samples, fill=0)


TAKES = {"wave": Params}


def mu_law(y, *, mu=MU):
    """A wave in [-1, 1], companded to [-1, 1]: sign(y) ln(1 + mu |y|) / ln(1 + mu). It is not quantised."""
    return (np.sign(y) * np.log1p(mu * np.abs(y)) / np.log1p(mu)).astype(np.float32)


def receptive_field(p):
    """Samples that one step of the summed skips depends on: those of the first convolution, and for each block its
    dilation times the kernel less one, in steps."""
    return p.layers.stride * (p.layers.kernel + (p.layers.kernel - 1) * (2**p.layers.blocks - 1))


def reach(p):
    """The receptive field as a sentence."""
    n = receptive_field(p)
    return f"wavenet: each step sees {n:,} samples, {n / p.sr:.3f} s, in windows of {p.samples / p.sr:.3f} s"


def build(x, task, p):
    """The network for windows (p.samples,)."""
    import keras
    from keras import layers

    messages.info(reach(p))
    wave = keras.Input(p.shape(x))
    steps = layers.Reshape((p.samples, 1))(wave)
    steps = layers.Conv1D(
        p.layers.filters, p.layers.kernel * p.layers.stride, strides=p.layers.stride, padding="causal"
    )(steps)
    skips = []
    for dilation in (2**k for k in range(p.layers.blocks)):
        gated = _gated(steps, dilation, p)
        skips.append(layers.Conv1D(p.layers.filters, 1)(gated))
        steps = layers.Add()([steps, layers.Conv1D(p.layers.filters, 1)(gated)])  # the last one is unused, and left out
    steps = layers.Add(name="skips")(skips) if len(skips) > 1 else layers.Identity(name="skips")(skips[0])
    steps = layers.ReLU()(steps)  # (batch, samples / stride, filters)
    for pool in _pools(p):
        steps = layers.Conv1D(p.layers.filters, pool, padding="same", activation="relu")(steps)
        steps = layers.AveragePooling1D(pool, padding="same")(steps)
    return keras.Model(wave, training.head(task)(layers.GlobalAveragePooling1D()(steps)))


def _gated(steps, dilation, p):
    from keras import layers

    options = {"dilation_rate": dilation, "padding": "causal"}
    signal = layers.Conv1D(p.layers.filters, p.layers.kernel, activation="tanh", **options)(steps)
    gate = layers.Conv1D(p.layers.filters, p.layers.kernel, activation="sigmoid", **options)(steps)
    return layers.Multiply()([signal, gate])


def _pools(p):
    """The pooling factors from each rate to the next."""
    rates = [p.sr / p.layers.stride, *p.layers.pooled_hz]
    return [max(1, round(above / below)) for above, below in pairwise(rates)]
