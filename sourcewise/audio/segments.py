"""Cutting recordings into segments of one length, which may overlap, and padding the last of them."""

import numpy as np

#: How a recording that ends before its last segment is padded, and numpy.pad's name for it.
PAD = {"zeros": "constant", "repeat": "wrap", "reflect": "symmetric"}


def cut(y, *, segment, hop, shortest, pad):
    """A wave (n_samples,) as (the wave that its segments lie in, their starts, their stops).

    A segment of `segment` samples starts every `hop` samples until one reaches the end. What the last one lacks is
    appended: `zeros`, the wave from its start (`repeat`) or backwards from its end (`reflect`), again and again;
    with `none` the last one stays shorter. A last one of less than `shortest` samples is left out, but never the only
    one, nor a whole one. Without a segment (None) the wave is its only segment.
    """
    if segment is None:
        return y, [0], [len(y)]
    starts = list(range(0, max(len(y) - segment + hop, 1), hop))
    if len(starts) > 1 and len(y) - starts[-1] < min(shortest, segment):
        starts.pop()
    end = starts[-1] + segment
    y = fill(y, end, pad)[:end]
    return y, starts, [min(start + segment, len(y)) for start in starts]


def fill(y, n_samples, pad):
    """The wave with what it lacks of n_samples appended as in `cut`; a longer one stays as it is."""
    if len(y) >= n_samples or pad == "none":
        return y
    return np.pad(y, (0, n_samples - len(y)), PAD[pad])


def padded_events(events, *, n_samples, end, pad):
    """The events (onset, offset, label) of a wave of n_samples after `fill` to `end`, all in samples."""
    if pad not in ("repeat", "reflect"):
        return list(events)
    repeated = []
    for k in range(max(1, -(-end // n_samples))):  # the wave repeated, with `reflect` every other time backwards
        start = k * n_samples
        if k % 2 and pad == "reflect":
            repeated += [
                (start + n_samples - offset, start + n_samples - onset, label) for onset, offset, label in events
            ]
        else:
            repeated += [(start + onset, start + offset, label) for onset, offset, label in events]
    return repeated


def within(events, start, stop):
    """The part of each event (onset, offset, label) between start and stop, relative to start, in order."""
    parts = [(max(onset, start) - start, min(offset, stop) - start, label) for onset, offset, label in events]
    return sorted(part for part in parts if part[1] > part[0])
