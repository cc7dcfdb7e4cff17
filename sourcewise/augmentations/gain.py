"""`gain`: louder or softer."""

from typing import Annotated, Literal

from pydantic import Field

from stages.audio import effects
from stages.core.params import Range
from stages.effects._effect import Effect


class Params(Effect):
    """db: how much louder, from and to."""

    effect: Literal["gain"]
    db: Range[Annotated[float, Field(ge=-60, le=60)]]


def apply(y, *, sr, p, rng, background):
    """As many samples as before."""
    return effects.gain(y, db=rng.uniform(*p.db))
