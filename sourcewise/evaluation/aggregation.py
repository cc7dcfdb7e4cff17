"""Aggregation of clips to recordings and sources."""

import numpy as np


def by_recording(parents, sources, targets, probabilities):
    """Aggregate clips to the recordings that they were cut from: (sources, targets, probabilities), one row per
    recording.

    A recording carries each class that any of its clips carries; its probabilities are the mean over its clips.
    parents, sources: names (n_clips,); targets, probabilities: (n_clips, n_classes).
    """
    names, first, parent_of = np.unique(np.asarray(parents, dtype=str), return_index=True, return_inverse=True)
    n_clips = np.bincount(parent_of)[:, None]
    means = by_source(probabilities, parent_of, len(names)) / n_clips
    return np.asarray(sources)[first], by_source(targets, parent_of, len(names)) > 0, means


def by_source(values, source_of, n_sources):
    """Sums of the rows of `values`, (n_clips, n), over each source: (n_sources, n)."""
    sums = np.zeros((n_sources, values.shape[1]))
    np.add.at(sums, source_of, values)
    return sums
