"""Mel spectrogram images: one row a band, one of 256 colours a pixel, all in one array; the stage `images` writes them
as files.

All images share one range of dB re full scale: a darker image is of a softer clip, in every dataset.
"""

from typing import Annotated

import numpy as np
from pydantic import Field, FiniteFloat, PositiveInt, field_validator, model_validator

from sourcewise.audio.framing import Window
from sourcewise.audio.mel_image import COLOUR_MAPS, colours, image, indexed
from sourcewise.audio.spectral import log_mel
from sourcewise.storage.files import read_array

GIVES = "image"
DTYPE = np.uint8
COLOURS = "colours.npy"


class Params(Window):
    """`features.png`: size in pixels, colours, and the levels in dB re full scale of the first and the last colour."""

    height: PositiveInt
    width: int = Field(ge=1, le=16384)
    range_db: Annotated[list[FiniteFloat], Field(min_length=2, max_length=2)]
    colours: str

    @field_validator("range_db")
    @classmethod
    def _rises(cls, ends):
        if ends[0] >= ends[1]:
            raise ValueError("the first value must be below the second")
        return ends

    @field_validator("colours")
    @classmethod
    def _is_known(cls, name):
        if name not in COLOUR_MAPS:
            raise ValueError(f"there are: {', '.join(COLOUR_MAPS)}")
        return name

    @model_validator(mode="after")
    def _fit_bands(self):
        if self.height > self.n_fft // 4:
            raise ValueError(f"height is {self.height}, must not be above n_fft / 4 ({self.n_fft // 4})")
        return self


def width(p):
    """Pixels a row."""
    return (p.width,)


def extract(y, *, sr, p):
    """The image of one clip as colour numbers, uint8 (height, width)."""
    mel_db = log_mel(y, sr=sr, n_fft=p.n_fft, hop_length=p.hop_length, n_mels=p.height)
    low, high = p.range_db
    return indexed(image(mel_db, width=p.width), low_db=low, high_db=high)


def describe(folder, p):
    """Write the colours (256, 3): in colour, image i is colours[images[i]]."""
    np.save(folder / COLOURS, colours(p.colours))


def in_colour(numbers, folder):
    """The image in colour, uint8 (height, width, 3), by the colours that `describe` wrote to a folder."""
    return read_array(folder / COLOURS)[numbers]
