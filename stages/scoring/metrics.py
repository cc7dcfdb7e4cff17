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


def averages(truth, decided, sources, *, resamples, seed):
    """{micro, macro, weighted, samples: {precision, recall, f1}} of decisions; micro F1 as {value, low, high}.

    Micro: of all decisions at once. Macro: the mean over classes; weighted: by how many clips carry them. Samples: the
    mean over clips. As in scikit-learn what has nothing to be divided by is 0, that of a class or clip without labels
    too. Arguments and interval as in `score`.
    """
    by_class, by_clip = (_rates(*_counts(truth, decided, axis)) for axis in (0, 1))
    carried = truth.sum(axis=0)
    means = {
        "micro": _rates(*_counts(truth, decided, None)),
        "macro": {name: rates.mean() for name, rates in by_class.items()},
        "weighted": {name: rates @ carried / max(carried.sum(), 1) for name, rates in by_class.items()},
        "samples": {name: rates.mean() for name, rates in by_clip.items()},
    }
    found = {way: {name: _rounded(rate) for name, rate in rates.items()} for way, rates in means.items()}
    names, source_of = np.unique(np.asarray(sources, dtype=str), return_inverse=True)
    counts = by_source(np.stack(_counts(truth, decided, 1), axis=1), source_of, len(names))
    found["micro"] |= interval(_micro_f1, counts, resamples=resamples, seed=seed)
    return found


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


def _counts(truth, decided, axis):
    """Decisions that a class is there and it is, is not; and that it is not, and it is."""
    return [np.sum(found, axis=axis) for found in (truth & decided, ~truth & decided, truth & ~decided)]


def _rates(hit, false, missed):
    """precision, recall, f1."""
    shares = {"precision": (hit, hit + false), "recall": (hit, hit + missed), "f1": (2 * hit, 2 * hit + false + missed)}
    return {name: part / np.maximum(whole, 1) for name, (part, whole) in shares.items()}


def _micro_f1(sums):
    return {"f1": _rates(*np.moveaxis(sums, -1, 0))["f1"]}


def _rounded(value):
    return round(float(value), 4)
