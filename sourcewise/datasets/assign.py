"""Assigns whole sources to the parts of a split, so that each part gets its share of every class."""

import hashlib

import numpy as np


def assign(sources, targets, *, fractions, seed):
    """The part, 0 to len(fractions) - 1, of every clip, int array (n_clips,): clips of one source stay together.

    sources: a name a clip. targets: boolean (n_clips, n_classes), one or several labels a clip. fractions: the share
    of each part, summing to 1. Depends on `seed` and on the set of clips, not on their order.

    Iterative stratification (Sechidis, Tsoumakas, Vlahavas 2011) with sources in place of examples: the class
    with the fewest sources left goes first; its sources, large ones first, each go to the part that lacks most of it,
    and the last ones to the parts that would else have none.
    """
    names, source_of = np.unique(np.asarray(sources, dtype=str), return_inverse=True)
    counts = np.zeros((len(names), targets.shape[1] + 1))  # clips of each source by class, and in all
    np.add.at(counts, source_of, np.column_stack([targets, np.ones(len(targets))]))
    order = np.array(sorted(range(len(names)), key=lambda i: _rank(counts[i, -1], names[i], seed)))
    wanted = np.outer(fractions, counts.sum(axis=0))  # (parts, classes + 1)
    lacking = wanted.copy()
    part_of = np.full(len(names), -1)
    while (part_of < 0).any():
        left = part_of < 0
        sources_left = (counts[left, :-1] > 0).sum(axis=0)
        # the rarest class left; sources without any label go last, by their number of clips
        rarest = np.where(sources_left > 0, sources_left, np.inf).argmin() if sources_left.any() else -1
        candidates = order[(left & (counts[:, rarest] > 0))[order]]
        for k, i in enumerate(candidates):
            without = np.flatnonzero(lacking[:, rarest] == wanted[:, rarest])
            parts = without if 0 < len(candidates) - k <= len(without) else range(len(fractions))
            part = max(parts, key=lambda s: (round(lacking[s, rarest], 9), round(lacking[s, -1], 9), -s))
            part_of[i] = part
            lacking[part] -= counts[i]
    return part_of[source_of]


def _rank(n_clips, name, seed):
    """Large sources first; those of similar size (within a factor of two) in an order drawn from the seed."""
    return -int(np.log2(n_clips)), hashlib.blake2b(f"{seed}:{name}".encode()).digest()
