"""Which columns of a table hold the labels: one, with one or several in a cell, or one for each class."""

from typing import NamedTuple

import pandas as pd

from sourcewise.datasets import dialects
from sourcewise.datasets.propose import columns, parts
from sourcewise.datasets.propose.parts import Part
from sourcewise.datasets.propose.proposal import describe_names


class Classes(NamedTuple):
    """label: the Part of the column, None where each class has a column; first: the first label of each row; rest: the
    Parts of all other columns; keys: of the dataset file."""

    label: Part | None
    first: Part
    rest: list
    keys: dict


def of(table, path, lists=()):
    """The Classes of a table; None where no column holds any. path: the column of paths; lists: the columns whose
    cells held lists, here texts joined by "|"."""
    names = columns.several(table, {path})
    if names:
        return _of_several(table, path, names)
    candidates = columns.parts(table, path)
    label = parts.label(candidates)
    if label is None:
        return None
    separator = None if label.rule in lists else columns.separator(table[label.rule], label.rule)
    sign = "|" if label.rule in lists else separator
    first = [next(iter(_pieces(cell, sign)), "") for cell in table[label.rule]]
    first = label if sign is None else Part.of(label.rule, "column", first)
    several = sorted({name for cell in label.values for name in _pieces(cell, sign)})
    keys = {"columns.label": (label.rule, describe_names(several))}
    if separator is not None:
        keys["separator"] = separator, "between the labels of a recording" if separator != "[]" else "cells hold lists"
    return Classes(label, first, [part for part in candidates if part is not label], keys)


def _of_several(table, path, names):
    present = pd.DataFrame({name: table[name].str.strip().str.lower().isin(columns.PRESENT) for name in names})
    first = Part.of("", "column", present.idxmax(axis=1).where(present.any(axis=1), ""))
    keys = {"columns.label": (list(names), f"{len(names)} classes, each a column of 1 and 0")}
    return Classes(None, first, columns.parts(table.drop(columns=list(names)), path), keys)


def _pieces(cell, separator):
    pieces = dialects.items(cell) if separator == columns.LISTS else cell.split(separator) if separator else [cell]
    return [name.strip() for name in pieces if name.strip()]
