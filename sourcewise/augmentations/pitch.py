"""`pitch`: higher or lower at the same speed ([R2]: -3 to 3 semitones)."""

from typing import Annotated, Literal

from pydantic import Field

from sourcewise.audio import effects
from sourcewise.augmentations import Effect
from sourcewise.core.params import Range


class Params(Effect):
    """semitones: how much higher, from and to."""

    effect: Literal["pitch"]
    semitones: Range[Annotated[float, Field(ge=-24, le=24)]]


def apply(y, *, sr, p, rng, background):
    """As many samples as before."""
    return effects.shift_pitch(y, semitones=rng.uniform(*p.semitones))
