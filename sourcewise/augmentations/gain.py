"""`gain`: louder or softer."""

from typing import Annotated, Literal

from pydantic import Field

from sourcewise.audio import effects
from sourcewise.augmentations import Effect
from sourcewise.core.params import Range


class Params(Effect):
    """db: how much louder, from and to."""

    effect: Literal["gain"]
    db: Range[Annotated[float, Field(ge=-60, le=60)]]


def apply(y, *, sr, p, rng, background):
    """As many samples as before."""
    return effects.gain(y, db=rng.uniform(*p.db))
