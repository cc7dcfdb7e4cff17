"""The leakage gap: one classifier, one set of clips, folds by clip against folds by source."""

import numpy as np

from sourcewise.audits import Finding, listed
from sourcewise.datasets.assign import assign
from sourcewise.evaluation.aggregation import by_source
from sourcewise.evaluation.intervals import interval
from sourcewise.evaluation.metrics import score


def out_of_fold(fit, groups, targets, *, folds, seed, most=None):
    """What a classifier says of each clip when it was fitted without its fold: probabilities (n_clips, n_classes).

    fit(rows) fits on the clips `rows` and returns predict(rows). The folds are stratified, and no group (a name a clip)
    is in two of them. most: clips that it is fitted on at most, drawn in the ratio of the classes; None: all.
    """
    fold_of = assign(groups, targets, fractions=[1 / folds] * folds, seed=seed)
    probabilities = np.zeros(targets.shape)
    for fold in range(fold_of.max() + 1):
        held, kept = (fold_of == fold).nonzero()[0], (fold_of != fold).nonzero()[0]
        probabilities[held] = fit(_some(kept, targets, most, seed))(held)
    return probabilities


def _some(rows, targets, most, seed):
    if most is None or len(rows) <= most:
        return rows
    share = most / len(rows)
    return rows[assign(rows.astype(str), targets[rows], fractions=[share, 1 - share], seed=seed) == 0][:most]


def gap(probabilities, sources, targets, task):
    """Scores {random_split, grouped_split, gap} of out-of-fold probabilities, as {value, low, high} of the accuracy.

    probabilities: {random_split, grouped_split}, each (n_clips, n_classes). The interval of the gap is over sources, clips being
    paired.
    """
    y_pred = {way: task.decide(probabilities[way]) for way in ("random_split", "grouped_split")}
    found = {way: score(targets, decision, sources)["accuracy"] for way, decision in y_pred.items()}
    right = {way: (decision == targets).all(axis=1) for way, decision in y_pred.items()}
    names, source_of = np.unique(np.asarray(sources, dtype=str), return_inverse=True)
    both = np.column_stack([np.ones(len(targets)), right["random_split"], right["grouped_split"]])
    counts = by_source(both, source_of, len(names))
    difference = interval(lambda sums: {"gap": (sums[..., 1] - sums[..., 2]) / sums[..., 0]}, counts, span=(-1, 1))
    return {**found, **difference}


def findings(leakage, *, margin):
    """One Finding where the gap of some reference certainly lies above `margin`; leakage: {reference: its `gap`}."""
    wide = {name: f for name, f in leakage.items() if f["gap"]["low"] is not None and f["gap"]["low"] > margin}
    if not wide:
        return []
    name, found = max(wide.items(), key=lambda item: item[1]["gap"]["value"])
    by_clip, by_source, low, high = (
        *(found[way]["value"] for way in ("random_split", "grouped_split")),
        *(found["gap"][end] for end in ("low", "high")),
    )
    return [
        Finding(
            "gap",
            f"Had clips of one source stood on both sides, {name} would have an accuracy of {by_clip:.3f} instead of "
            f"{by_source:.3f} ({low:+.3f} to {high:+.3f}): do not compare scores by source with those of a split by "
            "clip, and keep what clips of one source share (speaker, room, device, session) out of two parts.",
        )
    ]


def no_findings(sources, targets, task):
    """What is said where a class has a single source, so that no fold can hold it out and still learn it."""
    lone = [name for name, carried in zip(task.classes, targets.T, strict=True) if sources[carried].nunique() < 2]
    has = "have one source each" if len(lone) > 1 else "has one source"
    return [Finding("gap", f"{listed(lone)} {has}: no score can be given by source, and none says what new ones give.")]
