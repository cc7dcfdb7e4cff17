"""Scores of predictions; headline scores have confidence intervals over sources."""

import numpy as np

from sourcewise.evaluation.aggregation import by_source
from sourcewise.evaluation.intervals import interval, p_of, rounded

#: The headline metrics in order, with their names in tables; the first one present is the model selection criterion.
HEADLINE = {
    "micro_f1": "micro F1",
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "f1": "macro F1",
}


def headline(y_true, y_pred, sources, task):
    """The headline scores of a classifier: `score`, and micro F1 where clips carry several labels."""
    scores = score(y_true, y_pred, sources, one_label=task.one_label)
    return scores if task.one_label else scores | {"micro_f1": micro_f1(y_true, y_pred, sources)}


def headline_keys(scores):
    """Those of HEADLINE that are among scores; the first is the model selection criterion."""
    return [key for key in HEADLINE if key in scores]


def score(y_true, y_pred, sources, one_label=True):
    """Accuracy, balanced accuracy and macro F1, each as {value, low, high}, and the numbers of clips and sources.

    y_true, y_pred: boolean (n_clips, n_classes). Accuracy: share of clips with every class right. Balanced accuracy:
    the mean recall of the classes; with several labels the mean over classes of (sensitivity + specificity) / 2, over
    those that some clips carry and some do not, so that any constant prediction has 0.5. F1: mean over classes. A class
    without a clip counts in no mean. Intervals as in `sourcewise.evaluation.intervals`. All are quotients of sums over
    sources, so that leaving one out costs nothing; the values equal scikit-learn's.
    """
    right = (y_true == y_pred).all(axis=1)
    counts = _sums([np.ones(len(y_true)), right, *_class_counts(y_true, y_pred)], sources)
    balanced = _balanced(y_true, one_label)

    def statistics(sums):
        of_classes = np.split(sums[..., 2:], 3, axis=-1)
        return {
            "accuracy": sums[..., 1] / sums[..., 0],
            "balanced_accuracy": balanced(sums[..., :1], *of_classes),
            "f1": _macro_f1(*of_classes),
        }

    return {**interval(statistics, counts), "clips": len(y_true), "sources": len(counts)}


def balanced_difference(y_true, y_pred, other, sources, one_label=True):
    """The balanced accuracy of `other` minus that of `y_pred`, on the same clips, as {value, low, high}."""
    columns = [np.ones(len(y_true)), *_class_counts(y_true, y_pred), *_class_counts(y_true, other)]
    balanced = _balanced(y_true, one_label)

    def statistics(sums):
        of_one, of_other = (np.split(half, 3, axis=-1) for half in np.split(sums[..., 1:], 2, axis=-1))
        return {"": balanced(sums[..., :1], *of_other) - balanced(sums[..., :1], *of_one)}

    return interval(statistics, _sums(columns, sources), span=(-1, 1))[""]


def p_of_chance(y_true, y_pred, sources, one_label=True):
    """p of the hypothesis that the balanced accuracy is that of a constant prediction (`chance`), by its interval.

    No sign-flip test: a constant prediction is right on all clips of one class, so that where a source has one class,
    only the sources of the others would count. Its balanced accuracy is known.
    """
    balanced = _balanced(y_true, one_label)
    counts = _sums([np.ones(len(y_true)), *_class_counts(y_true, y_pred)], sources)

    def statistic(sums):
        return {"": balanced(sums[..., :1], *np.split(sums[..., 1:], 3, axis=-1))}

    return p_of(statistic, counts, chance(y_true, one_label))


def chance(y_true, one_label=True):
    """The balanced accuracy of any constant prediction."""
    return 1 / max(int(y_true.any(axis=0).sum()), 1) if one_label else 0.5


def balanced_parts(y_true, y_pred, sources, one_label):
    """What each source adds to the balanced accuracy: (n_sources,), sorted by source; the sum is that of `score`, 0
    where that is undefined."""
    n_true, n_false = y_true.sum(axis=0), (~y_true).sum(axis=0)
    counted = n_true > 0 if one_label else (n_true > 0) & (n_false > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        weights = np.where(y_true, 1 / n_true, 0 if one_label else 1 / n_false)[:, counted]
    right = (y_true == y_pred)[:, counted]
    parts = (right * weights).sum(axis=1) / max(counted.sum() * (1 if one_label else 2), 1)
    return _sums([parts], sources)[:, 0]


def averages(y_true, y_pred, sources):
    """{micro, macro, weighted, samples: {precision, recall, f1}}; micro F1 as {value, low, high}.

    Micro: over all clips and classes at once. Macro: the mean over classes; weighted: by how many clips carry them.
    Samples: the mean over clips. As in scikit-learn a division by zero gives 0, for a class or clip without labels
    too: where test lacks a class, this macro F1 is below that of `score`.
    """
    of_classes, of_clips = rates(y_true, y_pred), rates(y_true.T, y_pred.T)
    n, of_all = y_true.sum(axis=0), rates(y_true.reshape(-1, 1), y_pred.reshape(-1, 1))
    weights = n if n.any() else None
    means = {
        "micro": [float(value[0]) for value in of_all],
        "macro": [np.mean(values) for values in of_classes],
        "weighted": [np.average(values, weights=weights) for values in of_classes],
        "samples": [np.mean(values) for values in of_clips],
    }
    names = "precision", "recall", "f1"
    scores = {average: dict(zip(names, map(rounded, of), strict=True)) for average, of in means.items()}
    scores["micro"]["f1"] = micro_f1(y_true, y_pred, sources)
    return scores


def rates(y_true, y_pred, zero_division=0.0):
    """Precision, recall and F1 of each column, (n_columns,) each; `zero_division` where a denominator is 0."""
    hits, positives, predicted = (counted.sum(axis=0) for counted in (y_true & y_pred, y_true, y_pred))
    return tuple(
        np.divide(above, below, out=np.full(len(below), zero_division), where=below > 0)
        for above, below in ((hits, predicted), (hits, positives), (2.0 * hits, positives + predicted))
    )


def f1_by_class(y_true, y_pred, sources):
    """The F1 of each class as {value, low, high}: a list; value is None for a class that no clip carries."""
    columns = [np.ones(len(y_true)), *(y_true & y_pred).T, *y_true.T, *y_pred.T]

    def statistics(sums):
        return dict(enumerate(np.moveaxis(_f1(*np.split(sums[..., 1:], 3, axis=-1)), -1, 0)))

    return list(interval(statistics, _sums(columns, sources)).values())


def micro_f1(y_true, y_pred, sources):
    """F1 over all clips and classes at once, as {value, low, high}: the headline where clips carry several labels."""
    columns = [np.ones(len(y_true)), (y_true & y_pred).sum(axis=1), y_true.sum(axis=1), y_pred.sum(axis=1)]
    return interval(_micro_f1, _sums(columns, sources))["f1"]


def tally(y_true, y_pred, sources):
    """{source: [clips, clips with every class right]}, sorted by source."""
    names = np.unique(np.asarray(sources, dtype=str)).tolist()
    counts = _sums([np.ones(len(y_true)), (y_true == y_pred).all(axis=1)], sources)
    return dict(zip(names, counts.astype(int).tolist(), strict=True))


def _sums(columns, sources):
    names, source_of = np.unique(np.asarray(sources, dtype=str), return_inverse=True)
    return by_source(np.column_stack(columns), source_of, len(names))


def _class_counts(y_true, y_pred):
    """Columns of hits, of clips that carry the class, and of clips predicted, of each class that any clip carries."""
    present = y_true.any(axis=0)
    true_of, predicted_of = y_true[:, present], y_pred[:, present]
    return [*(true_of & predicted_of).T, *true_of.T, *predicted_of.T]


def _balanced(y_true, one_label):
    """The balanced accuracy as a function of sums over clips: their number (..., 1), and as in `_class_counts`."""
    counted = slice(None) if one_label else ~y_true.all(axis=0)[y_true.any(axis=0)]

    def of_sums(n, hits, positives, predicted):
        with np.errstate(invalid="ignore"):  # NaN where the source left out is the only one of a class
            rates = hits / positives
            if not one_label:
                negatives = n - positives
                rates = (rates + (negatives - predicted + hits) / negatives) / 2
            rates = rates[..., counted]
            return rates.sum(axis=-1) / rates.shape[-1] if rates.shape[-1] else np.full(n.shape[:-1], np.nan)

    return of_sums


def _f1(hits, positives, predicted):
    with np.errstate(invalid="ignore"):
        return np.where(positives > 0, 2 * hits / (positives + predicted), np.nan)


def _macro_f1(hits, positives, predicted):
    f1 = _f1(hits, positives, predicted)
    return f1.sum(axis=-1) / f1.shape[-1] if f1.shape[-1] else np.full(f1.shape[:-1], np.nan)


def _micro_f1(sums):
    _, hits, positives, predicted = np.moveaxis(sums, -1, 0)
    return {"f1": 2 * hits / np.maximum(positives + predicted, 1)}
