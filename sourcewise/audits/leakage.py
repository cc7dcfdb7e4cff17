"""The leakage gap: cross-validation of one classifier with a random split against a grouped split by source."""

import numpy as np

from sourcewise.audits import Finding, listed
from sourcewise.core.errors import count
from sourcewise.datasets.assign import assign
from sourcewise.evaluation.aggregation import by_source
from sourcewise.evaluation.intervals import interval
from sourcewise.evaluation.metrics import score


def out_of_fold(fit, groups, targets, *, folds, seed, max_fit_clips=None):
    """Out-of-fold probabilities (n_clips, n_classes) of a classifier in stratified, grouped cross-validation.

    fit(rows) fits on the clips `rows` and returns predict(rows). groups: a name per clip; no group is in two folds.
    max_fit_clips: the most clips to fit on, a stratified sample; None: all.
    """
    fold_of = assign(groups, targets, fractions=[1 / folds] * folds, seed=seed)
    probabilities = np.zeros(targets.shape)
    for fold in range(fold_of.max() + 1):
        held, kept = (fold_of == fold).nonzero()[0], (fold_of != fold).nonzero()[0]
        probabilities[held] = fit(_subset(kept, targets, max_fit_clips, seed))(held)
    return probabilities


def _subset(rows, targets, max_fit_clips, seed):
    if max_fit_clips is None or len(rows) <= max_fit_clips:
        return rows
    share = max_fit_clips / len(rows)
    return rows[assign(rows.astype(str), targets[rows], fractions=[share, 1 - share], seed=seed) == 0][:max_fit_clips]


def gap(probabilities, sources, targets, task):
    """{random_split, grouped_split, gap}: accuracies and their difference, each as {value, low, high}.

    probabilities: {random_split, grouped_split: out of fold, (n_clips, n_classes)}. The interval of the gap is over
    sources, with clips paired.
    """
    y_pred = {scheme: task.decide(probabilities[scheme]) for scheme in ("random_split", "grouped_split")}
    accuracies = {scheme: score(targets, decisions, sources)["accuracy"] for scheme, decisions in y_pred.items()}
    right = {scheme: (decisions == targets).all(axis=1) for scheme, decisions in y_pred.items()}
    names, source_of = np.unique(np.asarray(sources, dtype=str), return_inverse=True)
    both = np.column_stack([np.ones(len(targets)), right["random_split"], right["grouped_split"]])
    counts = by_source(both, source_of, len(names))
    difference = interval(lambda sums: {"gap": (sums[..., 1] - sums[..., 2]) / sums[..., 0]}, counts, span=(-1, 1))
    return {**accuracies, **difference}


def basis(split, folds):
    """A sentence: on how many folds and clips a gap stands, and why its grouped score is not that of the comparison.

    split: the Split; folds: of the cross-validation.
    """
    clips, n_tested = split.clips, int(split.is_in("test").sum())
    trained = np.mean([len(split.rows(fold, "train")) for fold in split.folds]) / len(clips)
    return (
        f"The gap stands on {count(folds, 'fold')} over all {count(len(clips), 'clip')} of "
        f"{count(clips['source'].nunique(), 'source')}. Its grouped score differs from the comparison's test score: "
        f"each fold trains on {1 - 1 / folds:.0%} of the clips, without augmented copies, and all {len(clips):,} are "
        f"tested in turn; the split trains on {trained:.0%} and tests {n_tested:,}."
    )


def findings(gaps, *, margin):
    """One Finding where the interval of some reference's gap lies above `margin`; gaps: {reference: its `gap`}."""
    wide = {name: of for name, of in gaps.items() if of["gap"]["low"] is not None and of["gap"]["low"] > margin}
    if not wide:
        return []
    name, scores = max(wide.items(), key=lambda item: item[1]["gap"]["value"])
    low, high = scores["gap"]["low"], scores["gap"]["high"]
    return [
        Finding(
            "gap",
            f"With a random split {name} would have an accuracy of {scores['random_split']['value']:.3f} instead of "
            f"{scores['grouped_split']['value']:.3f} with a grouped split by source (95 % CI of the gap: {low:+.3f} to "
            f"{high:+.3f}): do not compare scores of grouped and random splits, and keep clips that share a speaker, "
            "room, device or session in one part.",
            scores["gap"]["value"],
        )
    ]


def unjudged(gaps):
    """Why no gap can be judged, as its interval cannot be given; None where it can."""
    reasons = [of["gap"]["why"] for of in gaps.values() if of["gap"]["low"] is None]
    return f"cannot be judged: no interval, as there is {reasons[0]}" if reasons else None


def unmeasured(sources, targets, task):
    """The Finding that the gap cannot be measured, as a class with a single source cannot be held out and learned."""
    lone = [name for name, carried in zip(task.classes, targets.T, strict=True) if sources[carried].nunique() < 2]
    has = "have one source each" if len(lone) > 1 else "has one source"
    text = (
        f"{listed(lone)} {has}: no grouped split is possible, and no score applies to unseen sources. A second source "
        "of each class would suffice for this audit, a third for a split by source."
    )
    return [Finding("gap", text, 1.0)]
