"""Training settings of the Keras classifiers: `train.keras`, shared by all, and an entry's own `training`."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from sourcewise.core.params import Range, Section, Share

#: The largest shares of time and of columns that a stretch of `layers.SpecAugment` hides; 0 hides none.
Mask = Annotated[list[Share], Field(min_length=2, max_length=2)]


class Augment(Section):
    """How log-mel frames of training clips are varied in every epoch: see `windows.augment`."""

    probability: Annotated[float, Field(ge=0, le=1)]
    speed: Share
    shift: Share
    tilt_db: NonNegativeFloat
    noise_db: Range[NonNegativeFloat]


class _Common(Section):
    """patience: epochs without a smaller validation loss. weight_decay: decoupled from the gradient.
    balanced: each class has the same weight in the loss, however many clips it has. mixup: alpha of `layers.Mixup`, 0:
    none. precision: of the computation. devices: GPUs that share each batch.
    """

    epochs: PositiveInt
    patience: PositiveInt
    batch: PositiveInt
    optimizer: Literal["adam", "sgd"]
    weight_decay: NonNegativeFloat
    balanced: bool
    mixup: NonNegativeFloat
    precision: Literal["float32", "mixed_float16", "mixed_bfloat16"]
    devices: PositiveInt
    seed: NonNegativeInt


class Shared(_Common):
    """`train.keras`."""

    mask: Mask
    augment: Augment


class Training(_Common):
    """`training` of an entry. learning_rate: falls to 0 along a cosine."""

    learning_rate: PositiveFloat


class MaskedTraining(Training):
    """The same for a network whose input has two axes to mask."""

    mask: Mask


class AugmentedTraining(MaskedTraining):
    """The same for a network on log-mel frames."""

    augment: Augment
