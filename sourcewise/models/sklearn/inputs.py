"""The section of estimators that take pictures."""

from typing import Literal

from pydantic import PositiveInt

from sourcewise.core.params import Classifier


class OnPictures(Classifier):
    """The size that pictures are resized to, before they are flattened."""

    input: Literal["png"]
    family: Literal["sklearn"]
    height: PositiveInt
    width: PositiveInt
