"""Training settings of denoising networks: `train.denoisers`, shared by all, and an entry's own `training`."""

from typing import Annotated

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt

from sourcewise.core.params import Range, Section


class Shared(Section):
    """`train.denoisers`. snr_db: of the noise in training and validation, uniform, from and to."""

    snr_db: Range[Annotated[float, Field(ge=-40, le=60)]]
    seed: NonNegativeInt


class Training(Shared):
    """`training` of an entry. patience: epochs without a smaller validation loss. learning_rate: of Adam, falls to 0
    along a cosine."""

    epochs: PositiveInt
    patience: PositiveInt
    batch: PositiveInt
    learning_rate: PositiveFloat
