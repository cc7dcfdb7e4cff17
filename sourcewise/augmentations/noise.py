"""`noise`: white noise at a drawn signal-to-noise ratio."""

from typing import Annotated, Literal

from pydantic import Field

from sourcewise.audio import effects
from sourcewise.augmentations import Effect
from sourcewise.core.params import Range


class Params(Effect):
    """snr_db: how far the noise's mean power lies below the clip's, from and to."""

    effect: Literal["noise"]
    snr_db: Range[Annotated[float, Field(ge=-60, le=100)]]


def apply(y, *, sr, p, rng, background):
    """As many samples as before."""
    return effects.mix(y, effects.white_noise(len(y), rng=rng), snr_db=rng.uniform(*p.snr_db))
