"""The split itself: sizes by class and part, missing classes, and sources in several parts."""

import numpy as np
import pandas as pd

from sourcewise.audits import Finding, listed
from sourcewise.core.errors import count
from sourcewise.datasets.manifest import SPLITS


def parts(split, targets, classes):
    """A table with the columns fold, class, split, sources, clips, seconds: one row per fold, class and part, and for
    `all` classes.

    split: the Split; targets: boolean (n_clips, n_classes), of its clips.
    """
    rows = []
    for fold in split.folds:
        for name, carried in (*zip(classes, targets.T, strict=True), ("all", np.ones(len(targets), dtype=bool))):
            for part in SPLITS:
                held = split.clips[carried & (split.parts[:, fold] == part)]
                seconds = round(float(held["duration_s"].sum()), 3)
                rows.append((fold, name, part, held["source"].nunique(), len(held), seconds))
    return pd.DataFrame(rows, columns=["fold", "class", "split", "sources", "clips", "seconds"])


def summary(split, targets, classes, *, method):
    """{method, folds, missing, stratification, shared_sources, leaked} of a split.

    missing: {part: the classes that none of its clips carries in some fold}. stratification: {max, mean} over folds,
    parts and classes of the absolute difference between the share of a part's clips that carry a class and that of all
    clips. shared_sources: the sources with clips in several parts of a fold. leaked: the share of test clips whose
    source trains in the same fold.
    """
    of_part = {part: [targets[split.rows(fold, part)] for fold in split.folds] for part in SPLITS}
    held = [of_fold for folds in of_part.values() for of_fold in folds if len(of_fold)]
    errors = np.abs([of_fold.mean(axis=0) - targets.mean(axis=0) for of_fold in held])
    absent = {part: ~np.all([of.any(axis=0) for of in folds], axis=0) for part, folds in of_part.items()}
    return {
        "method": method,
        "folds": len(split.folds),
        "missing": {part: np.array(classes)[missing].tolist() for part, missing in absent.items() if missing.any()},
        "stratification": {"max": round(float(errors.max()), 4), "mean": round(float(errors.mean()), 4)},
        "shared_sources": split.shared_sources(),
        "leaked": round(_leaked(split), 4),
    }


def _leaked(split):
    sources = split.clips["source"].to_numpy(str)
    leaks = [np.isin(sources[split.rows(fold, "test")], sources[split.rows(fold, "train")]) for fold in split.folds]
    return float(np.concatenate(leaks).mean()) if any(map(len, leaks)) else 0.0


def findings(summary, n_sources, n_classes):
    """The Findings of a `summary`: what leaks in one, as it has one cause; each part that lacks a class."""
    found, shared = [], summary["shared_sources"]
    has = "have" if len(shared) > 1 else "has"
    in_parts = f"{len(shared)} of {count(n_sources, 'source')} {has} clips in several parts of the split"
    if summary["method"] == "random":
        text = (
            f"The split is random (split.method): {in_parts}, so that all scores are optimistic and say nothing about "
            "unseen sources."
        )
        found.append(Finding("split", text, summary["leaked"]))
    elif shared:
        text = f"{in_parts} ({listed(shared)}): scores are optimistic, as test holds sources seen in training."
        found.append(Finding("split", text, summary["leaked"]))
    for part, names in summary["missing"].items():
        of = f"{part} of some fold" if summary["folds"] > 1 else part
        text = f"No clip of {of} carries {listed(names)}: its scores do not cover it."
        found.append(Finding("split", text, len(names) / n_classes))
    return found
