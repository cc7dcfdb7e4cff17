"""Spectrograms as pictures: one row a band, the highest on top; one of 256 colours a pixel; PNG."""

import struct
from functools import lru_cache

import cv2
import numpy as np
from isal import isal_zlib

#: The names that a colour map can have: OpenCV's own, and grey.
COLOUR_MAPS = sorted([name.removeprefix("COLORMAP_").lower() for name in dir(cv2) if name.startswith("COLORMAP_")])
COLOUR_MAPS = [*COLOUR_MAPS, "grey"]


def picture(mel_db, *, width):
    """Frames (n_frames, n_mels) as a picture in dB, float32 (n_mels, width): the whole clip, however long it is."""
    n_frames, n_mels = mel_db.shape
    how = cv2.INTER_AREA if width < n_frames else cv2.INTER_LINEAR
    return cv2.rotate(cv2.resize(mel_db, (n_mels, width), interpolation=how), cv2.ROTATE_90_COUNTERCLOCKWISE)


def indexed(db, *, low_db, high_db):
    """Colour numbers, uint8 of the same shape: 0 at low_db and below, 255 at high_db and above."""
    scaled = (np.asarray(db, np.float32) - np.float32(low_db)) * np.float32(255 / (high_db - low_db))
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)


@lru_cache
def colours(name):
    """The 256 colours of a map, uint8 (256, 3), red, green, blue."""
    grey = np.arange(256, dtype=np.uint8)[:, None]
    if name == "grey":
        return grey.repeat(3, axis=1)
    return cv2.applyColorMap(grey, getattr(cv2, f"COLORMAP_{name.upper()}"))[:, 0, ::-1].copy()


def png(pixels, palette):
    """A PNG file, bytes, of colour numbers (height, width) and their colours (256, 3): exact, and a third in size.

    Written here since that takes a tenth of the time: one palette, rows as they are, one fast deflate.
    """
    height, width = pixels.shape
    rows = np.zeros((height, width + 1), np.uint8)  # each starts with its filter: none
    rows[:, 1:] = pixels
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"PLTE", palette.tobytes()), (b"IDAT", isal_zlib.compress(rows, 1)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", isal_zlib.crc32(kind + data))
