"""Scores with their uncertainty: 95 % intervals by resampling sources, as clips of one source are not independent."""

import numpy as np


def score(truth, decided, sources, *, resamples, seed):
    """Accuracy, balanced accuracy and macro F1 of decisions, each as {value, low, high}, and the numbers scored on.

    truth, decided: boolean (n_clips, n_classes). Accuracy: share of clips with every class right. Balanced accuracy:
    mean recall of the classes. F1: mean over classes. A class without a clip counts in neither mean. low and high
    are the 2.5 and 97.5 percentiles over `resamples` draws of as many sources, with replacement; None for one source.
    """
    names, source_of = np.unique(np.asarray(sources, dtype=str), return_inverse=True)
    right = (truth == decided).all(axis=1)
    columns = [np.ones(len(truth)), right, *(truth & decided).T, *(~truth & decided).T, *(truth & ~decided).T]
    counts = by_source(np.column_stack(columns), source_of, len(names))
    intervals = interval(_scores, counts, resamples=resamples, seed=seed)
    return {**intervals, "clips": len(truth), "sources": len(names)}


def by_recording(parents, sources, targets, probabilities):
    """Clips to the recordings that they were cut from: (sources, targets, probabilities), a row a recording.

    A recording carries each class that one of its clips carries; its probabilities are the mean over its clips.
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


def interval(statistics, counts, *, resamples, seed):
    """{name: {value, low, high}} of statistics(sums), which takes (..., n) sums over sources and gives {name: (...)}.

    counts: (n_sources, n), one row a source.
    """
    n = len(counts)
    values = statistics(counts.sum(axis=0))
    if n < 2:
        return {name: {"value": _rounded(value), "low": None, "high": None} for name, value in values.items()}
    draws = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=resamples)
    drawn = statistics(draws @ counts)
    ends = {name: np.nanpercentile(values, [2.5, 97.5]) for name, values in drawn.items()}
    return {
        name: {"value": _rounded(value), "low": _rounded(ends[name][0]), "high": _rounded(ends[name][1])}
        for name, value in values.items()
    }


def _scores(sums):
    n, right = sums[..., 0], sums[..., 1]
    hit, false, missed = np.split(sums[..., 2:], 3, axis=-1)
    with np.errstate(invalid="ignore"):
        recall = hit / (hit + missed)
        f1 = np.where(hit + missed > 0, 2 * hit / (2 * hit + false + missed), np.nan)
    return {
        "accuracy": right / n,
        "balanced_accuracy": np.nanmean(recall, axis=-1),
        "f1": np.nanmean(f1, axis=-1),
    }


def _rounded(value):
    return round(float(value), 4)
