"""Mel spectrogram images: one row a band, one of 256 colours a pixel, all in one array; the stage `images` writes them
as files.

All images share one range of dB, fitted on train: a darker image is of a softer clip.
"""

from functools import lru_cache
from typing import Literal

import cv2
import numpy as np
from pydantic import Field, PositiveFloat, PositiveInt, field_validator, model_validator

from sourcewise.audio.framing import Window
from sourcewise.audio.mel_image import COLOUR_MAPS, colours, image, indexed
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
    """The image of one clip in dB, float16 (height, width)."""
    mel_db = log_mel(y, sr=sr, n_fft=p.n_fft, hop_length=p.hop_length, n_mels=p.height)
    return image(mel_db, width=p.width).astype(DECIBELS)


def extremes(decibels):
    """The lowest and the highest value of an image of `extract`, float64 (2,)."""
    return np.array(cv2.minMaxLoc(decibels)[:2])


def fit(extremes, p):
    """The range of all images in dB, from the extremes of those of train, (n, 2)."""
    low, high = float(extremes[:, 0].min()), float(extremes[:, 1].max())
    low = max(high - p.range_db, low)
    return {"low_db": min(low, high - 1), "high_db": high}  # a dataset of one constant level has no range of its own


def finish(decibels, **fitted):
    """An image of `extract` as colour numbers, uint8 (height, width); fitted: the range."""
    return cv2.LUT(decibels.view(np.uint16), _numbers(**fitted))


def describe(folder, fitted, p):
    """Write the range, and the colours (256, 3): in colour, image i is colours[images[i]]."""
    write_json(folder / "range.json", fitted)
    np.save(folder / "colours.npy", colours(p.colours))


def in_colour(decibels, folder):
    """An image of `extract` in colour, uint8 (height, width, 3), by the range and colours that `describe` wrote."""
    return read_array(folder / "colours.npy")[finish(decibels, **read_json(folder / "range.json"))]


@lru_cache(maxsize=1)
def _numbers(*, low_db, high_db):
    """The colour number of every possible value in dB: a lookup table is five times as fast."""
    decibels = np.nan_to_num(np.arange(1 << 16, dtype=np.uint16).view(DECIBELS))
    return indexed(decibels, low_db=low_db, high_db=high_db)
