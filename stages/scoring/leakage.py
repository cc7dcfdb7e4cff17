"""The leakage gap: one classifier, one set of clips, folds by clip against folds by source."""

import numpy as np

from stages.scoring.assign import assign
from stages.scoring.intervals import interval
from stages.scoring.metrics import score
from stages.scoring.recordings import by_source


def gap(fit, clip_ids, sources, targets, task, *, folds, seed):
    """Scores {by_clip, by_source, gap} of out-of-fold predictions, as {value, low, high} of the accuracy.

    fit(rows) fits on the clips `rows` and returns predict(rows) with probabilities. Both ways use the same stratified
    folds but for what they keep together; the interval of the gap is over sources, clips being paired.
    """
    decided = {}
    for way, groups in (("by_clip", clip_ids), ("by_source", sources)):
        fold_of = assign(groups, targets, fractions=[1 / folds] * folds, seed=seed)
        decided[way] = task.decide(_out_of_fold(fit, fold_of, targets.shape))
    found = {way: score(targets, decision, sources)["accuracy"] for way, decision in decided.items()}
    right = {way: (decision == targets).all(axis=1) for way, decision in decided.items()}
    names, source_of = np.unique(np.asarray(sources, dtype=str), return_inverse=True)
    both = np.column_stack([np.ones(len(targets)), right["by_clip"], right["by_source"]])
    counts = by_source(both, source_of, len(names))
    difference = interval(lambda sums: {"gap": (sums[..., 1] - sums[..., 2]) / sums[..., 0]}, counts, span=(-1, 1))
    return {**found, **difference}


def _out_of_fold(fit, fold_of, shape):
    probabilities = np.zeros(shape)
    for fold in range(fold_of.max() + 1):
        held, kept = (fold_of == fold).nonzero()[0], (fold_of != fold).nonzero()[0]
        probabilities[held] = fit(kept)(held)
    return probabilities
