"""The choice of the classes and clips to show."""

import numpy as np


def classes(targets, names, max_classes):
    """{class: its row numbers}: of names, (n_classes,), the max_classes with the most clips, in their own order.

    targets: boolean (n_clips, n_classes). Classes without a clip are left out.
    """
    counts = targets.sum(axis=0)
    largest = sorted(np.argsort(-counts, kind="stable")[:max_classes])
    return {names[k]: np.flatnonzero(targets[:, k]) for k in largest if counts[k]}


def typical(groups, seconds, train, n):
    """For each class the n train clips closest to the median duration of its train clips, as (class, row).

    seconds, train: (n_clips,). In a tie the first in the table; no clip twice where clips have several labels.
    """
    chosen = {}
    for name, rows in groups.items():
        rows = rows[train[rows]]
        if len(rows):
            distance = np.abs(seconds[rows] - np.median(seconds[rows]))
            nearest = [row for row in rows[np.argsort(distance, kind="stable")].tolist() if row not in chosen]
            chosen |= dict.fromkeys(nearest[:n], name)
    return [(name, row) for row, name in chosen.items()]
