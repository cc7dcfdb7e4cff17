"""Running medians of 31 values along frames or bins, for harmonic-percussive separation.

A selection network picks the median with minima and maxima only, which run on many lanes at once. Windows that
overlap share their work (A. Adams, Fast median filters using separable and hierarchical tiling, 2021): of the 24
values that eight neighbouring windows have in common only the middle eight can be a median; of these and the four
that half of the windows add, the middle four; and so on down to one window.
"""

from functools import lru_cache

import numpy as np

from sourcewise.audio.spectral import kernel

WIDTH = 31
_EDGE = WIDTH // 2
_LANES = 128  # 128 lanes of 24 values fit the first-level cache


def along_frames(x):
    """The median over 31 frames around each value of x, float32 (n_frames, n_bins), mirrored at both ends."""
    padded, medians = _mirrored(x), np.empty_like(x)
    for first in range(0, x.shape[1], _LANES):
        lanes = slice(first, first + _LANES)
        _medians(_tile(padded[:, lanes]), medians[:, lanes], *NETWORKS)
    return medians


def along_bins(x):
    """The same over 31 bins."""
    medians = np.empty_like(x)
    for first in range(0, len(x), _LANES):
        frames = slice(first, first + _LANES)
        _medians(_tile(_mirrored(x[frames].T)), medians[frames].T, *NETWORKS)
    return medians


def _mirrored(x):
    return x[_mirror(len(x))]


@lru_cache(maxsize=1024)
def _mirror(n):
    """The rows of a mirrored array; `np.pad` of the array itself takes as long as the medians of a short clip."""
    return np.pad(np.arange(n), _EDGE, mode="symmetric")


def _tile(x):
    """Rows of exactly _LANES values, one after another in memory."""
    tile = np.zeros((len(x), _LANES), np.float32)
    tile[:, : x.shape[1]] = x
    return tile


def network(n, n_sorted, wanted):
    """Comparators (i, j), i < j, int64 (n_comparators, 2), after which positions `wanted` of n values are as sorted.

    The first n_sorted of the values must be in order already. Batcher's merge exchange (Knuth, vol. 3, 5.2.2 M), less
    what never swaps, found by trying all zeros and ones (n_sorted > 0), and what no wanted position depends on.
    """
    pairs = list(_merge_exchange(n))
    if n_sorted:
        pairs = _that_swap(pairs, n, n_sorted)
    needed, kept = set(wanted), []
    for i, j in reversed(pairs):
        if i in needed or j in needed:
            needed |= {i, j}
            kept.append((i, j))
    return np.array(kept[::-1])


def _merge_exchange(n):
    top = 1 << (n - 1).bit_length() - 1
    p = top
    while p:
        q, r, d = top, 0, p
        while True:
            yield from ((i, i + d) for i in range(n - d) if i & p == r)
            if q == p:
                break
            d, q, r = q - p, q // 2, p
        p //= 2


def _that_swap(pairs, n, n_sorted):
    free = np.arange(1 << (n - n_sorted))[:, None] >> np.arange(n - n_sorted) & 1
    ordered = np.arange(n_sorted) >= np.arange(n_sorted + 1)[:, None]
    values = np.concatenate([np.tile(ordered, (len(free), 1)), np.repeat(free, n_sorted + 1, axis=0)], axis=1)
    kept = []
    for i, j in pairs:
        a, b = values[:, i].copy(), values[:, j].copy()
        if (a > b).any():
            kept.append((i, j))
        values[:, i], values[:, j] = np.minimum(a, b), np.maximum(a, b)
    return kept


#: The middle eight of 24; the middle four of these and four more; the middle two of these and two more.
NETWORKS = (network(24, 0, range(8, 16)), network(12, 8, range(4, 8)), network(6, 4, range(2, 4)))


@kernel
def _medians(tile, medians, of_eight, of_four, of_two):
    """medians[t] from tile[t : t + 31], in steps of eight rows."""
    n_frames, n_lanes = medians.shape
    eight = np.empty((24, _LANES), np.float32)
    four = np.empty((12, _LANES), np.float32)
    two = np.empty((6, _LANES), np.float32)
    for t in range(0, n_frames, 8):
        _take(tile, t + 7, 24, eight, 0)
        _exchange(eight, of_eight)
        for u in range(t, min(t + 8, n_frames), 4):
            _take(eight, 8, 8, four, 0)
            _take(tile, t + 3 if u == t else t + 31, 4, four, 8)
            _exchange(four, of_four)
            for v in range(u, min(u + 4, n_frames), 2):
                _take(four, 4, 4, two, 0)
                _take(tile, u + 1 if v == u else u + 31, 2, two, 4)
                _exchange(two, of_two)
                for w in range(v, min(v + 2, n_frames)):
                    last = tile[min(w if w == v else v + 31, len(tile) - 1)]
                    for k in range(n_lanes):
                        below = two[3, k] if two[3, k] < last[k] else last[k]
                        medians[w, k] = two[2, k] if two[2, k] > below else below


@kernel
def _take(tile, first, n, out, at):
    """Rows of the tile; beyond its end the last one, for windows that nobody asks for."""
    for i in range(n):
        row = min(first + i, len(tile) - 1)
        for k in range(_LANES):  # of slices the compiling took ten times as long
            out[at + i, k] = tile[row, k]


@kernel
def _exchange(rows, pairs):
    for c in range(len(pairs)):
        i, j = np.uint64(pairs[c, 0]), np.uint64(pairs[c, 1])  # unsigned, so that no index counts from the end:
        for k in range(_LANES):  # only so do these loops become vector instructions
            a, b = rows[i, k], rows[j, k]
            rows[i, k] = a if a < b else b
            rows[j, k] = b if a < b else a
