"""Convolutional network on mel spectrogram images, with augmentation layers ([R1]): four blocks of growing width,
each 3x3 convolution with L2, SELU, batch normalisation and pooling.

Augmentation is active in training only and drawn for each image: a flip from left to right, which plays the clip
backwards; contrast; translation. The report names the first two and gives no widths; images of 100x70, 32 to 256
filters and the head right after the last block are the choice here. L2 counts in the curve's train_loss only.
"""

from typing import Annotated

from pydantic import Field, NonNegativeFloat, PositiveInt

from sourcewise.core.params import Section, Share
from sourcewise.models.keras import training
from sourcewise.models.keras.inputs import OnImages


class Augment(Section):
    """flip: whether half of the images run backwards in time; contrast: up to this share more or less; shift: up to
    this share of the height and width, the edge repeated."""

    flip: bool
    contrast: Share
    shift: Share


class Layers(Section):
    """The blocks' widths, and the weight of L2."""

    filters: Annotated[list[PositiveInt], Field(min_length=1)]
    l2: NonNegativeFloat


class Params(OnImages):
    """The images' size, how those of train are varied, and the layers."""

    augment: Augment
    layers: Layers


TAKES = {"image": Params}


def build(x, task, p):
    """The network for images (p.height, p.width, 3)."""
    import keras
    from keras import layers

    network = [keras.Input(p.shape(x)), *_variations(p)]
    for filters in p.layers.filters:
        network += [
            layers.Conv2D(
                filters,
                3,
                padding="same",
                activation="selu",
                kernel_initializer="lecun_normal",
                kernel_regularizer=keras.regularizers.L2(p.layers.l2),
            ),
            layers.BatchNormalization(momentum=0.9),
            layers.MaxPooling2D(2, padding="same"),  # (batch, height / 2, width / 2, filters)
        ]
    return keras.Sequential([*network, layers.Flatten(), training.head(task)])


def _variations(p):
    from keras import layers

    seeds = [3 * p.training.seed + k for k in range(3)]
    augmentation = [layers.RandomFlip("horizontal", seed=seeds[0])] if p.augment.flip else []
    if p.augment.contrast:
        augmentation.append(
            layers.RandomContrast((p.augment.contrast, p.augment.contrast), value_range=(0, 1), seed=seeds[1])
        )
    if p.augment.shift:
        augmentation.append(
            layers.RandomTranslation(p.augment.shift, p.augment.shift, fill_mode="nearest", seed=seeds[2])
        )
    return augmentation
