"""Picture files and their pixels."""

import cv2
import numpy as np

SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".webp", ".gif", ".tif", ".tiff"}


def pixels(data):
    """The picture in a file's bytes, uint8 (n,), as uint8 RGB (height, width, 3), rotated by its EXIF data; None where
    it is no picture, or incomplete."""
    return cv2.imdecode(np.ascontiguousarray(data), cv2.IMREAD_COLOR_RGB) if len(data) else None
