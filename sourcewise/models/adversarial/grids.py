"""Pictures side by side, as files whose bytes repeat."""

import cv2
import numpy as np

FRAME_MS = 500
GAP = 2  # pixels


def grid(pictures, columns):
    """Pictures uint8 (n, height, width, 3) in rows of so many, white between them; what is missing is white."""
    n, height, width, _ = pictures.shape
    rows = -(-n // columns)
    whole = np.full((rows * (height + GAP) - GAP, columns * (width + GAP) - GAP, 3), 255, np.uint8)
    for k, picture in enumerate(pictures):
        top, left = k // columns * (height + GAP), k % columns * (width + GAP)
        whole[top : top + height, left : left + width] = picture
    return whole


def write(picture, path):
    """As PNG; red, green, blue."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", picture[:, :, ::-1])[1].tobytes())


def animate(pictures, path):
    """As animated PNG, which browsers play: a picture each half a second, again and again, the last one longer."""
    animation = cv2.Animation()
    animation.frames = [np.ascontiguousarray(picture[:, :, ::-1]) for picture in pictures]
    animation.durations = [FRAME_MS] * (len(pictures) - 1) + [4 * FRAME_MS]
    path.write_bytes(cv2.imencodeanimation(".png", animation)[1].tobytes())
