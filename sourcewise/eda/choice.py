"""Which classes are shown, and which of their clips."""

import numpy as np


def classes(targets, names, most):
    """{class: its row numbers}: of names, (n_classes,), those with the most clips, at most `most`, in their own order.

    targets: boolean (n_clips, n_classes). Classes without a clip are left out.
    """
    counts = targets.sum(axis=0)
    largest = sorted(np.argsort(-counts, kind="stable")[:most])
    return {names[k]: np.flatnonzero(targets[:, k]) for k in largest if counts[k]}


def typical(groups, seconds, train, n):
    """Of each class the n train clips that are nearest to the median duration of its train clips, as (class, row).

    seconds, train: (n_clips,). The first in the table where two are as near; none twice where clips have several
    labels.
    """
    chosen = {}
    for name, rows in groups.items():
        rows = rows[train[rows]]
        if len(rows):
            far = np.abs(seconds[rows] - np.median(seconds[rows]))
            near = [row for row in rows[np.argsort(far, kind="stable")].tolist() if row not in chosen]
            chosen |= dict.fromkeys(near[:n], name)
    return [(name, row) for row, name in chosen.items()]
