"""Clips of any length to the fixed number of frames that a network takes."""

import numpy as np


def normalise(frames):
    """One clip's frames (n_frames, n_columns), less their mean over the clip, in units of their deviation.

    The same for every clip, whichever part of the split it is in: it takes away loudness and what the gain of
    the microphone adds, and nothing of one clip is used for another.
    """
    return (frames - frames.mean()) / (frames.std() + 1e-6)


def crop(frames, n_frames, start):
    """n_frames from `start` on, filled up at the end with the clip's smallest value where the clip is shorter."""
    part = frames[start : start + n_frames]
    missing = n_frames - len(part)
    return np.pad(part, ((0, missing), (0, 0)), constant_values=frames.min()) if missing else part


def random_start(n_clip, n_frames, rng):
    """A place for one window in a clip of n_clip frames; 0 where the clip is not longer than the window."""
    return int(rng.integers(max(n_clip - n_frames, 0) + 1))


def all_starts(n_clip, n_frames):
    """Evenly spaced places of the fewest windows that cover a clip of n_clip frames from end to end."""
    n_windows = -(-n_clip // n_frames)
    return np.linspace(0, max(n_clip - n_frames, 0), max(n_windows, 1)).astype(int)
