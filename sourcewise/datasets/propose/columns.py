"""The columns of a table that lists recordings: which one holds their paths, and how those are to be read."""

import os
from collections import defaultdict

import numpy as np

from sourcewise.datasets.propose.parts import Part, distinct
from sourcewise.datasets.task import SEPARATOR

BETWEEN = (";", SEPARATOR, ",")  # the labels of a clip
ENOUGH = 0.5  # of the rows must have a file
ROWS = 200  # that are looked at


def parts(table, path):
    """Every column but `path` as a Part."""
    return distinct(Part.of(column, "column", table[column]) for column in table.columns if column != path)


def paths(table, files):
    """(column, how the card has it): the one whose values are paths of `files`; None where none is.

    The latter is the column's name, or where a folder or the suffix is missing a text with it in curly brackets, and
    maybe that of the folder's: `audio/fold{fold}/{name}`.
    """
    some = table.iloc[np.linspace(0, len(table) - 1, min(ROWS, len(table))).astype(int)]
    places = defaultdict(list)
    for file in files:
        for name in (file, os.path.splitext(file)[0]):
            places[name.rsplit("/", 1)[-1]].append(file)
    best = (0, None, None)
    for column in table.columns:
        counts = defaultdict(int)
        for _, row in some.iterrows():
            for text in _texts(row, column, places):
                counts[text] += 1
        for text, n in counts.items():
            best = max(best, (n, column, text), key=lambda found: found[0])
    n, column, text = best
    if n < ENOUGH * len(some):
        return None
    return column, column if text == f"{{{column}}}" else text


def separator(labels):
    """What stands between several labels of a row, or None: a comma only where that leaves fewer names than there were,
    as it may stand within one."""
    whole = set(labels)
    for sign in BETWEEN:
        pieces = {piece.strip() for label in whole for piece in label.split(sign)}
        if any(sign in label for label in whole) and (sign != "," or len(pieces) < len(whole)):
            return sign
    return None


def _texts(row, column, places):
    """Every way in which the value of a column, and what else the row holds, makes up the path of a file."""
    value = row[column].replace("\\", "/").removeprefix("./")
    found = set()
    for file in places.get(value.rsplit("/", 1)[-1], ()) if value else ():
        before, there, suffix = file.rpartition(value)
        if there and (before == "" or before.endswith("/")) and (suffix == "" or suffix.startswith(".")):
            found.add(f"{before}{{{column}}}{suffix}")
            found |= {
                f"{before.replace(row[other], f'{{{other}}}')}{{{column}}}{suffix}"
                for other in row.index
                if other != column and row[other] and row[other] in before
            }
    return found
