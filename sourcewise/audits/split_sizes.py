"""The split itself: what each part holds of each class, what it lacks, and whose clips stand in two parts."""

import numpy as np
import pandas as pd

from sourcewise.audits import Finding, listed
from sourcewise.datasets.manifest import SPLITS


def parts(split, targets, classes):
    """A table with the columns class, split, sources, clips, seconds: a row for each class and part, and for `all`.

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
    """{method, lacks, stratification, two_sides} of a split.

    lacks: {part: the classes that none of its clips carries}. stratification: {max, mean} over parts and classes of the
    difference, without its sign, between the share of a part's clips that carry a class and the share of all clips.
    two_sides: the sources that have clips in several parts.
    """
    of_part = [targets[(split["split"] == part).to_numpy()] for part in SPLITS]
    errors = np.abs([part.mean(axis=0) - targets.mean(axis=0) for part in of_part if len(part)])
    absent = [np.array(classes)[~part.any(axis=0)].tolist() for part in of_part]
    sides = split.groupby("source")["split"].nunique()
    return {
        "method": method,
        "lacks": {part: names for part, names in zip(SPLITS, absent, strict=True) if names},
        "stratification": {"max": round(float(errors.max()), 4), "mean": round(float(errors.mean()), 4)},
        "two_sides": sides.index[sides > 1].tolist(),
    }


def findings(found, n_sources):
    """Findings of what `summary` found."""
    sentences = []
    if found["method"] == "random":
        sentences.append(
            "Clips were dealt out at random (split.method): what a classifier has heard of a source in train it knows "
            "again in test, so that all scores are too good; they say nothing of sources that are new."
        )
    if found["two_sides"]:
        n = len(found["two_sides"])
        sentences.append(
            f"{n} of {n_sources} sources {'have' if n > 1 else 'has'} clips in several parts of the split "
            f"({listed(found['two_sides'])}): scores are too good by what a classifier remembers of them."
        )
    for part, names in found["lacks"].items():
        sentences.append(f"No clip of {part} carries {listed(names)}: its scores say nothing of that.")
    return [Finding("split", text) for text in sentences]
