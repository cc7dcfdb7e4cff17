"""Convolutional network on mel pictures that varies them by layers of its own (R1): four blocks of growing width, each
3x3 convolution with L2, SELU, batch normalisation and pooling.

The variation is active in training only, new for each picture: flipped left to right, which plays the clip backwards;
its contrast; its place. The report names the first two and gives no widths; pictures of 100x70, 32 to 256 filters
and the head right after the last block are the choice here. L2 counts in the curve's train_loss alone.
"""

from functools import partial
from typing import Annotated

from pydantic import Field, NonNegativeFloat, PositiveInt

from sourcewise.core.params import Share
from sourcewise.models.keras import training
from sourcewise.models.keras.inputs import OnPictures


class Params(OnPictures):
    """`classifiers.cnn_selu`: flip: whether half of the pictures run backwards in time; contrast: up to this share
    more or less; place: up to this share of the height and width away, the edge repeated; then the blocks' widths, and
    the weight of L2."""

    flip: bool
    contrast: Share
    place: Share
    filters: Annotated[list[PositiveInt], Field(min_length=1)]
    l2: NonNegativeFloat


def build(x, task, p):
    """The network for pictures (p.height, p.width, 3)."""
    import keras
    from keras import layers

    network = [keras.Input(p.shape(x)), *_variations(p)]
    for filters in p.filters:
        network += [
            layers.Conv2D(
                filters,
                3,
                padding="same",
                activation="selu",
                kernel_initializer="lecun_normal",
                kernel_regularizer=keras.regularizers.L2(p.l2),
            ),
            layers.BatchNormalization(momentum=0.9),
            layers.MaxPooling2D(2, padding="same"),  # (batch, height / 2, width / 2, filters)
        ]
    return keras.Sequential([*network, layers.Flatten(), training.head(task)])


def _variations(p):
    from keras import layers

    seeds = [3 * p.training.seed + k for k in range(3)]
    found = [layers.RandomFlip("horizontal", seed=seeds[0])] if p.flip else []
    if p.contrast:
        found.append(layers.RandomContrast((p.contrast, p.contrast), value_range=(0, 1), seed=seeds[1]))
    if p.place:
        found.append(layers.RandomTranslation(p.place, p.place, fill_mode="nearest", seed=seeds[2]))
    return found


fit = partial(training.fit, build)
load = partial(training.load, Params)
