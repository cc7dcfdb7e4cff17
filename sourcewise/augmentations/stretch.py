"""`stretch`: faster or slower at the same pitch ([R2]: 0.8 to 1.2)."""

from typing import Annotated, Literal

from pydantic import Field

from sourcewise.audio import effects
from sourcewise.augmentations import Effect
from sourcewise.core.params import Range


class Params(Effect):
    """rate: how many times as fast, from and to."""

    effect: Literal["stretch"]
    rate: Range[Annotated[float, Field(ge=0.25, le=4)]]


def apply(y, *, sr, p, rng, background):
    """About as many samples more as the rate is lower."""
    return effects.stretch(y, rate=rng.uniform(*p.rate))
