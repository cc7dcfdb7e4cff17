"""Scores of predictions; headline scores have confidence intervals over sources."""

import numpy as np

from sourcewise.evaluation.aggregation import by_source
from sourcewise.evaluation.intervals import interval, rounded

#: The headline metrics in order, with their names in tables; the first one present is the model selection criterion.
HEADLINE = {
    "micro_f1": "micro F1",
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "f1": "macro F1",
}


def headline(y_true, y_pred, sources, task):
    """The headline scores of a classifier: `score`, and micro F1 where clips carry several labels."""
    scores = score(y_true, y_pred, sources)
    return scores if task.one_label else scores | {"micro_f1": micro_f1(y_true, y_pred, sources)}


def headline_keys(scores):
    """Those of HEADLINE that are among scores; the first is the model selection criterion."""
    return [key for key in HEADLINE if key in scores]


def score(y_true, y_pred, sources):
    """Accuracy, balanced accuracy and macro F1, each as {value, low, high}, and the numbers of clips and sources.

    y_true, y_pred: boolean (n_clips, n_classes). Accuracy: share of clips with every class right. Balanced accuracy:
    mean recall of the classes. F1: mean over classes. A class without a clip counts in neither mean. Intervals as in
    `sourcewise.evaluation.intervals`. All are quotients of sums over sources, so that leaving one out costs nothing;
    the values equal scikit-learn's.
    """
    present = y_true.any(axis=0)
    true_of, predicted_of = y_true[:, present], y_pred[:, present]
    right = (y_true == y_pred).all(axis=1)
    columns = [np.ones(len(y_true)), right, *(true_of & predicted_of).T, *true_of.T, *predicted_of.T]
    counts = _sums(columns, sources)
    return {**interval(_scores, counts), "clips": len(y_true), "sources": len(counts)}


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


def _scores(sums):
    hits, positives, predicted = np.split(sums[..., 2:], 3, axis=-1)
    n_classes = hits.shape[-1]
    with np.errstate(invalid="ignore"):  # NaN where the source left out is the only one of a class
        recall, f1 = hits / positives, np.where(positives > 0, 2 * hits / (positives + predicted), np.nan)
        return {
            "accuracy": sums[..., 1] / sums[..., 0],
            "balanced_accuracy": recall.sum(axis=-1) / n_classes,
            "f1": f1.sum(axis=-1) / n_classes,
        }


def _micro_f1(sums):
    _, hits, positives, predicted = np.moveaxis(sums, -1, 0)
    return {"f1": 2 * hits / np.maximum(positives + predicted, 1)}
