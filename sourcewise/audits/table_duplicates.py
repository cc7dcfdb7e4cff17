"""Near-duplicate rows of a table: two names of one recording, or its features computed in two ways."""

import numpy as np
import pandas as pd
import scipy

from sourcewise.audits.duplicates import COLUMNS

TOLERANCE = 0.01  # standard deviations between two numbers that agree
SHARE = 0.9  # of the columns that agree in near duplicates
COMMON = 64  # a stretch of numbers shared by more rows is ignored
LEAST = 6  # columns of mostly distinct values: with fewer, rows agree by chance
LOOKED_UP = 4  # columns of a stretch, those with the most values: a k-d tree of more dimensions is slow


def near(clip_ids, numbers):
    """Pairs of rows that agree in SHARE of the columns or more, a DataFrame of COLUMNS: `near`, with that share.

    clip_ids: sorted names (n,); numbers: (n, n_columns), finite, no two rows equal. Columns that are constant in the
    middle half of the rows are ignored; that half gives a standard deviation that is robust to outliers. Where fewer
    than LEAST columns hold mostly distinct values, there are no pairs.

    With the columns cut into one stretch more than may differ, such a pair agrees in all columns of some stretch; a k-d
    tree per stretch finds these pairs in time that grows about linearly with the number of rows.
    """
    scaled = _scaled(numbers)
    n_columns = scaled.shape[1]
    if sum(2 * len(np.unique(column)) > len(column) for column in scaled.T) < LEAST:
        return pd.DataFrame(columns=COLUMNS)
    n_stretches = n_columns - int(np.ceil(SHARE * n_columns)) + 1
    pairs = [_agreeing(stretch) for stretch in np.array_split(scaled, n_stretches, axis=1) if n_columns]
    ends = np.unique(np.concatenate([np.zeros((0, 2), int), *pairs]), axis=0)
    alike = (np.abs(scaled[ends[:, 0]] - scaled[ends[:, 1]]) <= TOLERANCE).mean(axis=1) if len(ends) else np.zeros(0)
    ends, alike = ends[alike >= SHARE], alike[alike >= SHARE]
    values = {"clip_id": clip_ids[ends[:, 0]], "other": clip_ids[ends[:, 1]], "kind": "near"}
    return pd.DataFrame(values | {"similarity": alike.round(3), "offset_s": 0.0}, columns=COLUMNS)


def _scaled(numbers):
    low, high = np.quantile(numbers, [0.25, 0.75], axis=0)
    varied = high > low
    return numbers[:, varied] / ((high - low)[varied] / 1.349)  # 1 for a standard normal distribution


def _agreeing(stretch):
    """Pairs of row numbers (n_pairs, 2), the smaller first, that agree in LOOKED_UP columns of a stretch (n, few); they
    include all pairs that agree in every column."""
    n_values = [len(np.unique(column)) for column in stretch.T]
    stretch = stretch[:, np.argsort(n_values)[::-1][:LOOKED_UP]]
    _, cell, n = np.unique(np.floor(stretch / TOLERANCE), axis=0, return_inverse=True, return_counts=True)
    rows = np.flatnonzero(n[cell.ravel()] <= COMMON)
    tree = scipy.spatial.cKDTree(stretch[rows])
    return rows[np.sort(tree.query_pairs(TOLERANCE, p=np.inf, output_type="ndarray"), axis=1)]
