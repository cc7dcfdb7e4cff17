"""Training settings: `train.micrograd`, shared by the family, and an entry's own `training`."""

from pydantic import NonNegativeInt

from sourcewise.core.params import Section


class Shared(Section):
    """seed: of the initial weights and of the clips of each step."""

    seed: NonNegativeInt
