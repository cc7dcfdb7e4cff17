"""The columns of a table that lists recordings: which one holds their paths, and how to read them."""

import os
from collections import defaultdict

import numpy as np

from sourcewise.datasets.propose.parts import Part, distinct
from sourcewise.datasets.task import SEPARATOR

BETWEEN = (";", SEPARATOR, ",")  # separators of the labels of a clip
ENOUGH = 0.5  # share of the rows that must have a file
ROWS = 200  # that are inspected


def parts(table, path):
    """Every column but `path` as a Part."""
    return distinct(Part.of(column, "column", table[column]) for column in table.columns if column != path)


def paths(table, files):
    """(column, template): the column whose values are paths of `files`, and its text for `columns.path`; None if none.

    The template is the column's name, or, where values lack the folder or the suffix, a text with the name in curly
    brackets, possibly with that of a folder's column: `audio/fold{fold}/{name}`.
    """
    some = table.iloc[np.linspace(0, len(table) - 1, min(ROWS, len(table))).astype(int)]
    files_of = defaultdict(list)
    for file in files:
        for name in (file, os.path.splitext(file)[0]):
            files_of[name.rsplit("/", 1)[-1]].append(file)
    best = (0, None, None)
    for column in table.columns:
        counts = defaultdict(int)
        for _, row in some.iterrows():
            for text in _templates(row, column, files_of):
                counts[text] += 1
        for text, n in counts.items():
            best = max(best, (n, column, text), key=lambda candidate: candidate[0])
    n, column, text = best
    if n < ENOUGH * len(some):
        return None
    return column, column if text == f"{{{column}}}" else text


def separator(labels):
    """The separator between several labels of a row, or None; a comma, which names may hold, only where it leaves fewer
    names."""
    whole = set(labels)
    for sign in BETWEEN:
        pieces = {piece.strip() for label in whole for piece in label.split(sign)}
        if any(sign in label for label in whole) and (sign != "," or len(pieces) < len(whole)):
            return sign
    return None


def _templates(row, column, files_of):
    """Every template by which the value of a column, and of other columns of the row, give the path of a file."""
    value = row[column].replace("\\", "/").removeprefix("./")
    templates = set()
    for file in files_of.get(value.rsplit("/", 1)[-1], ()) if value else ():
        before, present, suffix = file.rpartition(value)
        if present and (before == "" or before.endswith("/")) and (suffix == "" or suffix.startswith(".")):
            templates.add(f"{before}{{{column}}}{suffix}")
            templates |= {
                f"{before.replace(row[other], f'{{{other}}}')}{{{column}}}{suffix}"
                for other in row.index
                if other != column and row[other] and row[other] in before
            }
    return templates
