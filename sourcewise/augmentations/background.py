"""`background`: a passage from the folder of noises (`augment.background`) at a drawn signal-to-noise ratio."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from sourcewise.audio import effects
from sourcewise.augmentations import Effect
from sourcewise.core.params import Range


class Params(Effect):
    """snr_db: how far the passage's mean power lies below the clip's, from and to."""

    effect: Literal["background"]
    snr_db: Range[Annotated[float, Field(ge=-60, le=100)]]


def apply(y, *, sr, p, rng, background):
    """As many samples as before; a passage that is shorter is repeated."""
    return effects.mix(y, np.resize(background, len(y)), snr_db=rng.uniform(*p.snr_db))
