"""Recordings of another dataset that are in this one, too: exact and near copies, found as `duplicates` are."""

import numpy as np
import pandas as pd

from sourcewise.audits import duplicates, table_duplicates
from sourcewise.compute.parallel import THREADS
from sourcewise.core.errors import Stop, named
from sourcewise.datasets.storing import hashed

COLUMNS = ["path", "copy_of", "kind", "similarity"]
OWN, OTHER = "0/", "1/"  # before the ids, as both may have the same: of this dataset, of the other


def of_clips(own, own_values, other, other_values, *, similarity=None, compute=THREADS):
    """The copies, a DataFrame of COLUMNS with one row a recording of the other dataset, sorted by path.

    own, other: manifests; the values: of each clip, with a length and an index. similarity: as in `duplicates.find`,
    for samples; None: only equal values are copies.
    """
    both = _both(own, other)
    if similarity is None:
        found = duplicates.exact(both)[0]
    else:
        found = duplicates.find(both, _Both(own_values, other_values), similarity=similarity, compute=compute)
    return _listed(found, both)


def of_rows(own, own_numbers, other, other_numbers):
    """The same of rows of tables, by their numbers, DataFrames with the same columns."""
    both = _both(own, other)
    numbers = pd.concat([own_numbers, other_numbers]).to_numpy(np.float64) + 0.0  # no negative zero
    same, unique = duplicates.exact(both.assign(hash=list(map(hashed, numbers))))
    near = table_duplicates.near(both["clip_id"].to_numpy(str)[unique], numbers[unique])
    return _listed(duplicates.joined(same, near), both)


def aligned(rows, columns, name):
    """The columns of a table of another dataset in this one's order. Stops where it lacks some."""
    missing = [column for column in columns if column not in rows]
    if missing:
        raise Stop(f"the table of {name} has no column {named(missing)}: it needs all columns of this dataset's table")
    return rows[columns]


def _both(own, other):
    """Both manifests as one; in each all clips count as of one recording, so that only pairs across are compared."""
    sides = [table.assign(clip_id=side + table["clip_id"], parent=side) for side, table in ((OWN, own), (OTHER, other))]
    return pd.concat(sides, ignore_index=True)


def _listed(found, both):
    """The copies among pairs; a clip that equals another one of its dataset is a copy where that one is."""
    path_of = both.set_index("clip_id")["path"]
    copies = {}
    for pair in found[found["clip_id"].str.startswith(OWN) & found["other"].str.startswith(OTHER)].itertuples():
        row = path_of[pair.other], path_of[pair.clip_id], pair.kind, pair.similarity
        if pair.other not in copies or pair.similarity > copies[pair.other][-1]:
            copies[pair.other] = row
    for pair in found[found["clip_id"].str.startswith(OTHER) & (found["kind"] == "exact")].itertuples():
        if pair.clip_id in copies and pair.other not in copies:
            copies[pair.other] = path_of[pair.other], *copies[pair.clip_id][1:]
    table = pd.DataFrame(copies.values(), columns=COLUMNS).sort_values(
        ["path", "similarity"], ascending=[True, False], kind="stable"
    )
    return table.drop_duplicates("path", ignore_index=True)


class _Both:
    """Two sequences as one."""

    def __init__(self, first, second):
        self._first, self._second = first, second

    def __len__(self):
        return len(self._first) + len(self._second)

    def __getitem__(self, i):
        return self._first[i] if i < len(self._first) else self._second[i - len(self._first)]
