"""One module an effect."""

from typing import Annotated

from pydantic import Field

from sourcewise.core.params import Section


class Effect(Section):
    """Base of every effect's parameters: the share of copies that have it."""

    probability: Annotated[float, Field(gt=0, le=1)]
