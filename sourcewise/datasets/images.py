"""Files that hold pictures, and their pixels."""

import cv2
import numpy as np

SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".webp", ".gif", ".tif", ".tiff"}


def pixels(data):
    """Of a file's bytes, uint8 (n,), the picture, uint8 (height, width, 3), red, green, blue, turned as its EXIF data
    say; None where there is none, or not all of it."""
    return cv2.imdecode(np.ascontiguousarray(data), cv2.IMREAD_COLOR_RGB) if len(data) else None
