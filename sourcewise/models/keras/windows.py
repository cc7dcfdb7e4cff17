"""Cutting clips to the fixed number of frames that a network takes, and varying them for training.

Frames are log-mel in dB, (n_frames, n_mels), as `spectral.log_mel` gives them.
"""

import numpy as np
import scipy

HEARD = 0.25  # of an event or of a window


def normalise(frames, *, range_db):
    """One clip's frames, clipped at range_db below their loudest value, less their mean, divided by their deviation.

    It removes loudness and most of a microphone's noise floor, and uses nothing of other clips.
    """
    frames = np.maximum(frames, frames.max() - range_db)
    return (frames - frames.mean()) / (frames.std() + 1e-6)


def augment(frames, *, probability, speed, shift, tilt_db, noise_db, rng):
    """The clip as if from another voice in another room; shape (n_frames', n_mels).

    probability: that a clip is varied; others are returned unchanged. speed: up to this share faster or slower. shift:
    up to this share of the bands up or down. tilt_db: up to this gain or loss along each half of the bands. noise_db:
    the level of a tilted noise floor below the loudest value, from and to.
    """
    if rng.random() >= probability:
        return frames
    n_frames, n_mels = frames.shape
    rate = 1 + rng.uniform(-speed, speed)
    offset = rng.uniform(-shift, shift) * n_mels
    shape = (max(1, round(n_frames / rate)), n_mels)
    frames = scipy.ndimage.affine_transform(frames, (rate, 1), (0, offset), shape, order=1, mode="nearest")
    frames = frames + _curve(n_mels, tilt_db, rng)
    floor = frames.max() - rng.uniform(*noise_db) + _curve(n_mels, tilt_db, rng)
    return (10 * np.log10(10 ** (frames / 10) + 10 ** (floor / 10))).astype(np.float32)


def crop(clip, n, start, *, fill=None):
    """n frames from `start` on. Shorter clips are padded at their end with `fill`: a number, "last" for the last frame,
    or None for the smallest value."""
    part = clip[start : start + n]
    missing = [(0, n - len(part))] + [(0, 0)] * (part.ndim - 1)
    if len(part) == n:
        return part
    if fill == "last":
        return np.pad(part, missing, mode="edge")
    return np.pad(part, missing, constant_values=clip.min() if fill is None else fill)


def heard(events, start, stop, n_classes):
    """The classes heard in a window, float32 (n_classes,): those with an event of which HEARD lies in the window, or
    that fills HEARD of it.

    events: (n_events, 3), onset, offset and number of the class, in the unit of start and stop.
    """
    present = np.zeros(n_classes, np.float32)
    onset, offset, number = np.asarray(events).reshape(-1, 3).T
    inside = np.minimum(offset, stop) - np.maximum(onset, start)
    present[number[inside >= HEARD * np.minimum(offset - onset, stop - start)].astype(int)] = 1
    return present


def random_start(n_clip, n_frames, rng):
    """The start of a random window in a clip of n_clip frames; 0 if the clip is not longer than the window."""
    return int(rng.integers(max(n_clip - n_frames, 0) + 1))


def all_starts(n_clip, n_frames):
    """Evenly spaced starts of the fewest windows that cover a clip of n_clip frames."""
    n_windows = -(-n_clip // n_frames)
    return np.linspace(0, max(n_clip - n_frames, 0), max(n_windows, 1)).astype(int)


def _curve(n_mels, tilt_db, rng):
    """A gain a band, in dB: linear between three random ones."""
    return np.interp(np.arange(n_mels), [0, n_mels / 2, n_mels - 1], rng.uniform(-tilt_db, tilt_db, 3))
