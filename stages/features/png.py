"""Mel pictures: one row a band, one of 256 colours a pixel, packed in one array; `pictures` lays the same out as files.

All pictures share one range of dB, fitted on train: a picture that is darker was softer.
"""

from typing import Literal

import cv2
import numpy as np
from pydantic import Field, PositiveFloat, PositiveInt, field_validator, model_validator

from stages.audio.picture import COLOUR_MAPS, colours, indexed, picture
from stages.audio.spectral import log_mel
from stages.core.storage import read_json, write_json, writer
from stages.features._frames import Window

DTYPE = np.float16  # of decibels, before their range is known


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
    return picture(mel_db, width=p.width).astype(DTYPE)


def finish(decibels, folder, *, train, p):
    """Write the pictures as colour numbers, uint8 (height, width) each, their range, and the colours (256, 3): in
    colour, picture i is colours[pictures[i]].

    decibels: a Ragged of what `extract` gave. train: the rows that the range is fitted on.
    """
    lows, highs = zip(*(cv2.minMaxLoc(decibels[i])[:2] for i in train), strict=True)
    high = max(highs)
    low = max(high - p.range_db, min(lows))
    low = min(low, high - 1)  # a corpus of one constant level has no range of its own
    every = np.nan_to_num(np.arange(1 << 16, dtype=np.uint16).view(DTYPE))  # to look up is five times as fast
    numbers = indexed(every, low_db=low, high_db=high)
    with writer(folder, np.uint8, width(p)) as append:
        for clip in decibels:
            append(cv2.LUT(clip.view(np.uint16), numbers))
    write_json(folder / "range.json", {"low_db": low, "high_db": high})
    np.save(folder / "colours.npy", colours(p.colours))


def seen(decibels, folder):
    """One clip in colour, uint8 (height, width, 3), in the range and the colours that `finish` left in a folder."""
    numbers = indexed(np.nan_to_num(decibels), **read_json(folder / "range.json"))
    return np.load(folder / "colours.npy")[numbers]
