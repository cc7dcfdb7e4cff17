"""The columns of a table that lists recordings: which one holds their paths, times and labels, and how to read them."""

import itertools
import os
import re

import numpy as np
import pandas as pd

from sourcewise.core.formats import SUFFIXES
from sourcewise.datasets import dialects, tables
from sourcewise.datasets.propose import made
from sourcewise.datasets.propose.parts import LABELS, SOURCES, SPLITS, Part, distinct
from sourcewise.datasets.readers.manifest import ABSENT, LISTS, PRESENT
from sourcewise.datasets.task import SEPARATOR

BETWEEN = (";", SEPARATOR, ",")  # separators of the labels of a clip
ENOUGH = 0.5  # share of the rows that must have a file, or of the files that must have a row
FEWEST = 4  # of these files
ROWS = 200  # that are inspected
FEATURES = 3  # columns of numbers with a point from which a table is one of features


def parts(table, path):
    """Every column but `path` as a Part, of those that group alike the better one."""
    return distinct(part for part in every(table) if part.rule != path)


def every(table):
    """Every column as a Part."""
    return [Part.of(column, "column", table[column]) for column in table.columns]


def has_titles(rows, paths):
    """Whether the first row holds titles: not where its cell in a column of paths is a path, too, nor, in a table
    without paths, where it holds a number in a column of numbers. rows: lists of cells; paths: resolver.Paths."""
    first, *others = rows
    others = others[:ROWS]
    with_path = 0
    for k, cell in enumerate(first):
        column = [row[k] for row in others if k < len(row)]
        if others and np.mean([is_path(value, paths) for value in column] or [0]) >= ENOUGH:
            with_path += 1
            if is_path(cell, paths):
                return False
    numeric = [k for k in range(len(first)) if others and are_numbers([row[k] for row in others if k < len(row)])]
    return with_path > 0 or not any(are_numbers([first[k]]) for k in numeric)


def is_path(cell, paths):
    """Whether a cell is the path of a file, or looks like that of a sound."""
    if not isinstance(cell, str) or not cell.strip():
        return False
    return os.path.splitext(cell.strip())[1].lower() in SUFFIXES or bool(paths.find(cell))


def paths(table, files):
    """(column, template, its files, other templates) of the column whose values are paths; None if there is none.

    files: resolver.Paths; its files: the path of each row, or "". The template is for `columns.path`: the column's
    name, or a text with names in curly brackets: `fold{fold}/{name}` where files of one name are in several folders,
    `{speaker}_{take}` where names are made of columns. Of all, the one that finds most files; of equals, first a name
    alone, then one without an asterisk, then the one with most columns, then the one whose columns come first.
    Where a name is made of several columns, the first of the four is "".
    """
    some = table.iloc[np.linspace(0, len(table) - 1, min(ROWS, len(table))).astype(int)]
    candidates = {}
    for order, column in enumerate(table.columns):
        for text in _templates(some, column, files):
            candidates |= _candidate(table, text, column, order, files)
    made_of = not candidates
    if made_of:
        for text in made.templates(table, files):
            inside = re.findall(r"\{([^{}]*)\}", text)
            candidates |= _candidate(table, text, inside[0] if len(inside) == 1 else "", 0, files)
    if not candidates:
        return None
    best = min(candidates, key=lambda text: candidates[text][0])
    rank, column, found = candidates[best]
    if "*" not in best and any(other[0] == rank[0] and of != found for other, _, of in candidates.values()) and made_of:
        return None  # each row stands for several files
    others = [text for text, (other, of, _) in sorted(candidates.items()) if of == column and other[0] == rank[0]]
    return column, best, found, [text for text in others if text != best and "*" not in text]


def _candidate(table, text, column, order, files):
    """{template: (rank, column, its files)}; {} where too few rows have a file, and too few files a row."""
    found = made.found(table, text, files)
    n_rows, n_files = sum(file != "" for file in found), len(set(found) - {""})
    if n_rows < ENOUGH * len(table) and n_files < max(ENOUGH * len(files.files), FEWEST):
        return {}
    rank = (-len(set(found) - {""}), "{" in text, "*" in text, -text.count("{"), order, text)
    return {text: (rank, column, found)}


def several(table, known):
    """The columns of classes of a table with a column a class, one of whose values is 1, True, yes or x where a row has
    it; () where it has no such columns, or one whose name, or whose texts, say that it holds the labels. known: columns
    that are something else."""
    rest = [
        part for part in map(lambda name: Part.of(name, "column", table[name]), table.columns) if part.rule not in known
    ]
    binary = [part for part in rest if _is_binary(part) and part.rank(SPLITS) is part.rank(SOURCES) is None]
    names = {part.rule for part in binary}
    if any(part.rank(LABELS) is not None and part.rule not in names for part in rest):
        return ()
    matrix = (
        np.stack([[value.strip().lower() in PRESENT for value in table[part.rule]] for part in binary])
        if binary
        else None
    )
    exclusive = len(binary) == 2 and (matrix.sum(axis=0) == 1).all()
    return tuple(part.rule for part in binary) if len(binary) > 2 or exclusive else ()


def features(table):
    """The columns of numbers of a table of features; () where too few have a point, and no column is named a label."""
    numeric = [name for name in table.columns if are_numbers(list(table[name]))]
    pointed = [name for name in numeric if any(re.search(r"[.,eE]", value) for value in table[name])]
    labels = [name for name in table.columns if Part.of(name, "column", table[name]).rank(LABELS) is not None]
    enough = len(pointed) >= FEATURES or (len(set(numeric) - set(labels)) >= FEATURES and labels)
    return tuple(numeric) if enough else ()


def separator(labels, title=""):
    """The separator between several labels of a row, or None; a comma, which names may hold, only where it leaves fewer
    names, or no blank follows it and one of the names occurs alone or the column's title is a plural."""
    whole = set(labels)
    if all(dialects.items(label) is not None for label in whole):
        return LISTS
    for sign in BETWEEN:
        pieces = {piece.strip() for label in whole for piece in label.split(sign)}
        plural = re.search("(?:label|tag|classe|genre|emotion|event|categorie|instrument)s", title.lower())
        tight = not any(", " in label for label in whole) and (plural or (len(pieces) <= len(whole) and pieces & whole))
        if any(sign in label for label in whole) and (sign != "," or len(pieces) < len(whole) or tight):
            return sign
    return None


def are_numbers(values):
    """Whether all texts are numbers, with a decimal point or comma."""
    if not values or not all(isinstance(value, str) for value in values):
        return False
    column = tables.with_points(pd.Series(values, dtype=object))
    return bool(np.isfinite(pd.to_numeric(column, errors="coerce").astype(float)).all())


def _is_binary(part):
    values = {value.strip().lower() for value in part.values}
    return values <= PRESENT | ABSENT and bool(values & PRESENT) and bool(values & ABSENT)


def _templates(some, column, files):
    """The column's name, and every template by which its values and those of other columns give the path of a file,
    where the name alone leaves several files."""
    found = [files.find(value) for value in some[column]]
    texts = {column} if any(len(few) == 1 for few in found) else set()
    for (_, row), several_files in zip(some.iterrows(), found, strict=True):
        if len(several_files) < 2:
            continue
        for file in several_files:
            folders = file.split("/")[: -1 - row[column].replace("\\", "/").count("/")]
            steps = [_steps(step, row, column) for step in folders]
            for steps_of in itertools.islice(itertools.product(*steps), 64):
                texts.add("/".join([*steps_of, f"{{{column}}}"]))
    return texts


def _steps(folder, row, column):
    """A folder's name as texts of a template: itself, or with the value of another column in it."""
    texts = [folder]
    for other in row.index:
        value = row[other]
        if other != column and value and re.fullmatch(rf"[^\W\d]*[ _-]?{re.escape(value)}", folder):
            texts.append(folder[: len(folder) - len(value)] + f"{{{other}}}")
    return texts
