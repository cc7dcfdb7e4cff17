"""Training settings of generators: `train.generators`, shared by all, and an entry's own `training`."""

from typing import Annotated

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt

from sourcewise.core.params import Section


class Shared(Section):
    """`train.generators`: how both networks are trained, by Adam.

    beta_1: of Adam's mean of gradients. real_label: the discriminator's target for real clips; 1, or a little less.
    """

    batch: PositiveInt
    beta_1: Annotated[float, Field(ge=0, lt=1)]
    real_label: Annotated[float, Field(gt=0.5, le=1)]
    seed: NonNegativeInt


class Training(Shared):
    """`training` of an entry."""

    epochs: PositiveInt
    learning_rate: PositiveFloat
