"""Grids of images, as files whose bytes are reproducible."""

import cv2
import numpy as np

FRAME_MS = 500
GAP = 2  # pixels


def grid(images, columns):
    """Images uint8 (n, height, width, 3) in rows of `columns`, with white gaps; missing ones are white."""
    n, height, width, _ = images.shape
    rows = -(-n // columns)
    whole = np.full((rows * (height + GAP) - GAP, columns * (width + GAP) - GAP, 3), 255, np.uint8)
    for k, image in enumerate(images):
        top, left = k // columns * (height + GAP), k % columns * (width + GAP)
        whole[top : top + height, left : left + width] = image
    return whole


def write(image, path):
    """As PNG; red, green, blue."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", image[:, :, ::-1])[1].tobytes())


def animate(images, path):
    """As animated PNG, which browsers play: one image each half a second in a loop, the last one longer."""
    animation = cv2.Animation()
    animation.frames = [np.ascontiguousarray(image[:, :, ::-1]) for image in images]
    animation.durations = [FRAME_MS] * (len(images) - 1) + [4 * FRAME_MS]
    path.write_bytes(cv2.imencodeanimation(".png", animation)[1].tobytes())
