"""What `train.micrograd` has for all entries of the family, and an entry's own `training`."""

from pydantic import NonNegativeInt

from sourcewise.core.params import Section


class Shared(Section):
    """seed: of the weights that training starts from, and of the clips of each step."""

    seed: NonNegativeInt
