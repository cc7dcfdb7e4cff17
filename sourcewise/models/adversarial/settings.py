"""Training settings of generators: `train.generators`, shared by all, and an entry's own `training`."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from sourcewise.core.params import Section


class Shared(Section):
    """`train.generators`: how both networks are trained, by Adam.

    steps: batches of an epoch, however many clips there are. beta_1: of Adam's mean of gradients. loss: hinge, or bce,
    binary cross-entropy. r1: weight of the
    gradient penalty; mode_seeking: weight of the reward for samples that differ; augment: whether the discriminator
    sees shifted clips, real and made; average: share of the old in the moving mean of the generator's weights, which
    makes the samples. Their references are in sourcewise/models/adversarial/step.py and layers.py.
    """

    batch: PositiveInt
    steps: PositiveInt
    beta_1: Annotated[float, Field(ge=0, lt=1)]
    loss: Literal["hinge", "bce"]
    r1: NonNegativeFloat
    mode_seeking: NonNegativeFloat
    augment: bool
    average: Annotated[float, Field(ge=0, lt=1)]
    seed: NonNegativeInt


class Training(Shared):
    """`training` of an entry."""

    epochs: PositiveInt
    learning_rate: PositiveFloat
