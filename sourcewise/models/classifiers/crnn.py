"""Convolutional recurrent network on log-mel windows ([R4]): blocks of 3x3 convolution, batch normalisation, ReLU and
pooling, then a GRU over what is left of time, and one dense layer.

The report writes inputs as (mels, frames): its pools (2, 2) three times and (1, 5) take 64 mels to 8 and 1,000 frames
to 25 steps. Windows of other sizes are pooled to the next whole step; if a single step is left, the run stops, as the
GRU needs a sequence. No activations are given: ReLU.
"""

from typing import Annotated

from pydantic import Field, PositiveInt, model_validator

from sourcewise.core.params import Section, Share
from sourcewise.models.keras import training
from sourcewise.models.keras.inputs import OnMel


class Pools(Section):
    """The factors by which each block pools frames and mels."""

    frames: Annotated[list[PositiveInt], Field(min_length=1)]
    mels: Annotated[list[PositiveInt], Field(min_length=1)]


class Layers(Section):
    """filters: of each block. units: of the GRU. dense and dropout: of the layer after it."""

    filters: Annotated[list[PositiveInt], Field(min_length=1)]
    units: PositiveInt
    dense: PositiveInt
    dropout: Share


class Params(OnMel):
    """The window, the poolings, and the layers."""

    pools: Pools
    layers: Layers

    @model_validator(mode="after")
    def _fit_together(self):
        filters, frames, mels = self.layers.filters, self.pools.frames, self.pools.mels
        if not len(filters) == len(frames) == len(mels):
            counts = f"filters has {len(filters)} blocks, pools.frames {len(frames)}, pools.mels {len(mels)}"
            raise ValueError(f"{counts}: give one for each")
        if self.steps < 2:
            raise ValueError(f"the pools leave 1 step of {self.frames} frames: raise frames, or lower the pools")
        return self

    @property
    def steps(self):
        """The number of steps of the GRU."""
        steps = self.frames
        for pool in self.pools.frames:
            steps = -(-steps // pool)
        return steps


TAKES = {"frames": Params}


def build(x, task, p):
    """The network for windows (p.frames, n_mels)."""
    import keras
    from keras import layers

    shape = p.shape(x)
    network = [keras.Input(shape), layers.Reshape((*shape, 1))]
    for filters, *pool in zip(p.layers.filters, p.pools.frames, p.pools.mels, strict=True):
        network += [
            layers.Conv2D(filters, 3, padding="same", use_bias=False),
            layers.BatchNormalization(momentum=0.9),  # so that its averages converge in few steps
            layers.ReLU(),
            layers.MaxPooling2D(pool, padding="same"),  # (batch, frames / pool[0], mels / pool[1], filters)
        ]
    network += [layers.Reshape((p.steps, -1)), layers.GRU(p.layers.units)]
    return keras.Sequential(
        [*network, layers.Dense(p.layers.dense, "relu"), layers.Dropout(p.layers.dropout), training.head(task)]
    )
