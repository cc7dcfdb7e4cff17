"""Mel pictures: one row a band, one of 256 colours a pixel, packed in one array; `pictures` lays the same out as files.

All pictures share one range of dB, fitted on train: a picture that is darker was softer.
"""

from functools import lru_cache
from typing import Literal

import cv2
import numpy as np
from pydantic import Field, PositiveFloat, PositiveInt, field_validator, model_validator

from sourcewise.audio.framing import Window
from sourcewise.audio.mel_image import COLOUR_MAPS, colours, indexed, picture
from sourcewise.audio.spectral import log_mel
from sourcewise.storage.files import read_array, read_json, write_json

GIVES = "image"
DTYPE = np.uint8
DECIBELS = np.float16  # before their range is known


class Params(Window):
    """`features.png`: size in pixels, colours, and how far below train's loudest value the first colour lies."""

    reads: Literal["split"]
    height: PositiveInt
    width: int = Field(ge=1, le=16384)
    range_db: PositiveFloat
    colours: str

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
    """The picture of one clip in dB, float16 (height, width)."""
    mel_db = log_mel(y, sr=sr, n_fft=p.n_fft, hop_length=p.hop_length, n_mels=p.height)
    return picture(mel_db, width=p.width).astype(DECIBELS)


def extremes(decibels):
    """The lowest and the highest value of what `extract` gave, float64 (2,)."""
    return np.array(cv2.minMaxLoc(decibels)[:2])


def fit(extremes, p):
    """The range of all pictures in dB, from the extremes of those of train, (n, 2)."""
    low, high = float(extremes[:, 0].min()), float(extremes[:, 1].max())
    low = max(high - p.range_db, low)
    return {"low_db": min(low, high - 1), "high_db": high}  # a corpus of one constant level has no range of its own


def finish(decibels, **fitted):
    """The picture as colour numbers, uint8 (height, width), from what `extract` gave and the range."""
    return cv2.LUT(decibels.view(np.uint16), _numbers(**fitted))


def describe(folder, fitted, p):
    """Write the range, and the colours (256, 3): in colour, picture i is colours[pictures[i]]."""
    write_json(folder / "range.json", fitted)
    np.save(folder / "colours.npy", colours(p.colours))


def in_colour(decibels, folder):
    """The picture in colour, uint8 (height, width, 3), by the range and colours that `describe` left in a folder."""
    return read_array(folder / "colours.npy")[finish(decibels, **read_json(folder / "range.json"))]


@lru_cache(maxsize=1)
def _numbers(*, low_db, high_db):
    """The colour number of every value in dB that there can be: to look up is five times as fast."""
    every = np.nan_to_num(np.arange(1 << 16, dtype=np.uint16).view(DECIBELS))
    return indexed(every, low_db=low_db, high_db=high_db)
