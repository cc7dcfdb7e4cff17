"""What the effects share: how often they are applied, and how a range of values is given."""

from typing import Annotated

from pydantic import Field

from stages.core.params import Section


class Effect(Section):
    """Base of every effect's parameters: the share of copies that have it."""

    probability: Annotated[float, Field(gt=0, le=1)]
