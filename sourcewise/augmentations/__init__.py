"""One module an effect, which recipes in `augment` of params.yaml name as `effect`.

Every module has

- `Params`: its settings, a subclass of Effect with `effect: Literal["<name>"]`,
- `apply(y, *, sr, p, rng, background)`: the clip with the effect, float32. y: (n_samples,) in [-1, 1] at sr Hz; p: the
  settings; rng: what all randomness is drawn from; background: a passage of noise, where the effect is `background`.
"""

from typing import Annotated

from pydantic import Field

from sourcewise.core.params import Section


class Effect(Section):
    """Base of every effect's parameters: the share of copies that have it."""

    probability: Annotated[float, Field(gt=0, le=1)]
