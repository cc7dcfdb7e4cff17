"""The split itself: sizes by class and part, missing classes, and sources in several parts."""

import numpy as np
import pandas as pd

from sourcewise.audits import Finding, listed
from sourcewise.core.errors import count
from sourcewise.datasets.manifest import SPLITS


def parts(split, targets, classes):
    """A table with the columns class, split, sources, clips, seconds: one row per class and part, and for `all`.

    split: the table of data/split.csv; targets: boolean (n_clips, n_classes), in that order.
    """
    rows = []
    for name, carried in (*zip(classes, targets.T, strict=True), ("all", np.ones(len(split), dtype=bool))):
        for part in SPLITS:
            held = split[carried & (split["split"] == part).to_numpy()]
            seconds = round(float(held["duration_s"].sum()), 3)
            rows.append((name, part, held["source"].nunique(), len(held), seconds))
    return pd.DataFrame(rows, columns=["class", "split", "sources", "clips", "seconds"])


def summary(split, targets, classes, *, method):
    """{method, missing, stratification, shared_sources} of a split.

    missing: {part: the classes that none of its clips carries}. stratification: {max, mean} over parts and classes of
    the absolute difference between the share of a part's clips that carry a class and that of all clips.
    shared_sources: the sources with clips in several parts.
    """
    of_part = [targets[(split["split"] == part).to_numpy()] for part in SPLITS]
    errors = np.abs([part.mean(axis=0) - targets.mean(axis=0) for part in of_part if len(part)])
    absent = [np.array(classes)[~part.any(axis=0)].tolist() for part in of_part]
    parts_of = split.groupby("source")["split"].nunique()
    return {
        "method": method,
        "missing": {part: names for part, names in zip(SPLITS, absent, strict=True) if names},
        "stratification": {"max": round(float(errors.max()), 4), "mean": round(float(errors.mean()), 4)},
        "shared_sources": parts_of.index[parts_of > 1].tolist(),
    }


def findings(summary, n_sources):
    """The Findings of a `summary`."""
    sentences, shared = [], summary["shared_sources"]
    if summary["method"] == "random":
        sentences.append(
            "The split is random (split.method): sources of train recur in test, so that all scores are optimistic and "
            "say nothing about unseen sources."
        )
    if shared:
        has = "have" if len(shared) > 1 else "has"
        sentences.append(
            f"{len(shared)} of {count(n_sources, 'source')} {has} clips in several parts of the split "
            f"({listed(shared)}): scores are optimistic, as test holds sources seen in training."
        )
    for part, names in summary["missing"].items():
        sentences.append(f"No clip of {part} carries {listed(names)}: its scores do not cover it.")
    return [Finding("split", text) for text in sentences]
