"""`shift`: later or earlier ([R2]: up to half a second); what leaves at one end comes in at the other."""

from typing import Annotated, Literal

from pydantic import Field

from sourcewise.audio import effects
from sourcewise.augmentations import Effect
from sourcewise.core.params import Range


class Params(Effect):
    """seconds: how much later, from and to."""

    effect: Literal["shift"]
    seconds: Range[Annotated[float, Field(ge=-3600, le=3600)]]


def apply(y, *, sr, p, rng, background):
    """As many samples as before."""
    return effects.shift_time(y, n_samples=round(rng.uniform(*p.seconds) * sr))
