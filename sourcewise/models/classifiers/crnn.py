"""Convolutional recurrent network on log-mel windows (R4): blocks of 3x3 convolution, batch normalisation, ReLU and
pooling, then a GRU over what is left of time, and one dense layer.

The report writes pictures as (mels, frames): its pools (2, 2) three times and (1, 5) take 64 mels to 8 and 1,000 frames
to 25 steps. Here time comes first, so that they read [2, 2] and [5, 1], frames by mels. Windows of other sizes are
pooled to the next whole step; where a single step is left, there is nothing for the GRU to go through, and the run
stops. No activations are given: ReLU.
"""

from functools import partial
from typing import Annotated

from pydantic import Field, PositiveInt, model_validator

from sourcewise.core.params import Share
from sourcewise.models.keras import training
from sourcewise.models.keras.inputs import OnMel

Pool = Annotated[list[PositiveInt], Field(min_length=2, max_length=2)]


class Params(OnMel):
    """`classifiers.crnn`.

    filters and pools: of each block, a pool as [frames, mels]. units: of the GRU. dense and dropout: of the layer
    after it.
    """

    filters: Annotated[list[PositiveInt], Field(min_length=1)]
    pools: list[Pool]
    units: PositiveInt
    dense: PositiveInt
    dropout: Share

    @model_validator(mode="after")
    def _fit_together(self):
        if len(self.filters) != len(self.pools):
            raise ValueError(f"filters has {len(self.filters)} blocks, pools {len(self.pools)}: give one for each")
        if self.steps < 2:
            raise ValueError(f"the pools leave 1 step of {self.frames} frames: raise frames, or lower the pools")
        return self

    @property
    def steps(self):
        """Those that the GRU goes through."""
        steps = self.frames
        for frames, _ in self.pools:
            steps = -(-steps // frames)
        return steps


def build(x, task, p):
    """The network for windows (p.frames, n_mels)."""
    import keras
    from keras import layers

    shape = p.shape(x)
    network = [keras.Input(shape), layers.Reshape((*shape, 1))]
    for filters, pool in zip(p.filters, p.pools, strict=True):
        network += [
            layers.Conv2D(filters, 3, padding="same", use_bias=False),
            layers.BatchNormalization(momentum=0.9),  # as few steps as there are, its averages must follow
            layers.ReLU(),
            layers.MaxPooling2D(pool, padding="same"),  # (batch, frames / pool[0], mels / pool[1], filters)
        ]
    network += [layers.Reshape((p.steps, -1)), layers.GRU(p.units)]
    return keras.Sequential([*network, layers.Dense(p.dense, "relu"), layers.Dropout(p.dropout), training.head(task)])


fit = partial(training.fit, build)
load = partial(training.load, Params)
