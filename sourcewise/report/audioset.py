"""What a network that knows AudioSet's classes hears in each class of a dataset, and which clips stand out: a hint for
label errors and shortcuts."""

import numpy as np

from sourcewise.models.embeddings.yamnet import class_names

NAMED = 3  # classes of AudioSet that are named for a class or a clip


def scores(lines):
    """float64 (n_clips, 521) of the lines that `embed` wrote, "index:score index:score": 0 for all other classes."""
    table = np.zeros((len(lines), len(class_names())))
    for row, line in enumerate(lines):
        for pair in line.split():
            index, _, value = pair.partition(":")
            table[row, int(index)] = float(value)
    return table


def by_class(table, y, classes):
    """[(class, "Rain 0.62, Water 0.31, ...")]: the mean scores over the clips of each class. table: as `scores` gives
    it; y: boolean (n_clips, n_classes)."""
    return [(name, named(table[y[:, k]].mean(axis=0))) for k, name in enumerate(classes)]


def named(row):
    """The classes of AudioSet with the highest scores, as "name score, name score"."""
    best = [k for k in np.argsort(-row, kind="stable")[:NAMED] if row[k] > 0]
    return ", ".join(f"{class_names()[k]} {row[k]:.2f}" for k in best)


def similarity(table, y, sources):
    """Of each clip, the cosine between its scores and the mean scores of those clips of its class that are of other
    sources, the highest over its classes; NaN where there are none. float64 (n_clips,)."""
    result = np.full(len(table), np.nan)
    for of_class in y.T:
        total, n = table[of_class].sum(axis=0), of_class.sum()
        for source in np.unique(sources[of_class]):
            rows = of_class & (sources == source)
            if rows.sum() < n:
                others = total - table[rows].sum(axis=0)
                length = np.linalg.norm(table[rows], axis=1) * np.linalg.norm(others)
                result[rows] = np.fmax(result[rows], table[rows] @ others / np.maximum(length, 1e-12))
    return result


def standing_out(table, y, sources, most):
    """(rows of the `most` clips that resemble their class least, their similarity), the least first."""
    values = similarity(table, y, sources)
    rows = [row for row in np.argsort(values, kind="stable") if not np.isnan(values[row])][:most]
    return rows, values[rows]
