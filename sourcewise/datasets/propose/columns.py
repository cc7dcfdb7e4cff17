"""The columns of a table that lists recordings: which one holds their paths, times and labels, and how to read them."""

import itertools
import os
import re

import numpy as np
import pandas as pd

from sourcewise.core.formats import SUFFIXES
from sourcewise.datasets import dialects, tables
from sourcewise.datasets.propose.parts import LABELS, SOURCES, SPLITS, Part, distinct
from sourcewise.datasets.readers.manifest import ABSENT, LISTS, PRESENT
from sourcewise.datasets.task import SEPARATOR

BETWEEN = (";", SEPARATOR, ",")  # separators of the labels of a clip
ENOUGH = 0.5  # share of the rows that must have a file
ROWS = 200  # that are inspected
ONSETS, OFFSETS = ("onset", "start", "begin", "from"), ("offset", "end", "stop", "finish", "to")
DURATIONS = ("duration", "length", "delta", "dur")
#: Titles of lists of events, of which several may be in a recording at once; `segment_id` is AudioSet's.
EVENTS = ("onset", "event", "annotation", "selection", "begin", "segmentid")
TOGETHER_S = 0.02  # by which a segment may begin before the last one of its file ends, as times are rounded
FEATURES = 3  # columns of numbers with a point from which a table is one of features


def parts(table, path):
    """Every column but `path` as a Part."""
    return distinct(Part.of(column, "column", table[column]) for column in table.columns if column != path)


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
    name, or, where files of one name are in several folders, a text with names in curly brackets,
    `fold{fold}/{name}`. Of all, the one that finds most files; of equals, first a name alone, then the one with most
    columns, then the one whose columns come first.
    """
    some = table.iloc[np.linspace(0, len(table) - 1, min(ROWS, len(table))).astype(int)]
    candidates = {}
    for order, column in enumerate(table.columns):
        texts = _templates(some, column, files)
        for text in sorted(texts):
            found = _found(table, text, files)
            n = len(set(found) - {""})
            if sum(file != "" for file in found) >= ENOUGH * len(table):
                candidates[text] = ((-n, "{" in text, -text.count("{"), order, text), column, found)
    if not candidates:
        return None
    best = min(candidates, key=lambda text: candidates[text][0])
    rank, column, found = candidates[best]
    others = [text for text, (other, of, _) in sorted(candidates.items()) if of == column and other[0] == rank[0]]
    return column, best, found, [text for text in others if text != best]


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


def times(table):
    """{key of the event list's columns: column} of onset and offset or duration; {} where the table has none.

    Raven counts `Begin Time (s)` through all files of a sequence; its `File Offset (s)` is the onset in the file.
    """
    numeric = [name for name in table.columns if are_numbers([v for v in table[name] if v != ""])]
    words = {name: Part.of(name, "column", table[name]) for name in numeric}
    onset = [name for name in numeric if words[name].rank(ONSETS) is not None]
    in_file = [name for name in numeric if re.fullmatch(r"file.?offset.*", name, re.IGNORECASE)]
    offset = [name for name in numeric if words[name].rank(OFFSETS) is not None and name not in in_file]
    duration = [name for name in numeric if words[name].rank(DURATIONS) is not None]
    if in_file and duration:
        return {"onset": in_file[0], "duration": duration[0]}
    if onset and offset:
        return {"onset": onset[0], "offset": offset[0]}
    if onset and duration:
        return {"onset": onset[0], "duration": duration[0]}
    for first, second in itertools.pairwise(table.columns):
        if {first, second} <= set(numeric) and first.startswith("column ") and second.startswith("column "):
            low, high = (pd.to_numeric(tables.with_points(table[name])) for name in (first, second))
            if ((low >= 0) & (low < high)).all():
                return {"onset": first, "offset": second}
    return {}


def are_segments(table, found, times, is_titled):
    """Whether the rows are parts of recordings, one class each, not events: the titles are not those of lists of
    events, and rows of one file do not overlap, or all last equally long. found: the file of each row, or ""."""
    words = [Part.of(name, "column", table[name]) for name in table.columns]
    if not is_titled or any(word.rank(EVENTS) is not None for word in words):
        return False
    start, end = spans(table, times)
    spans_of = (
        pd.DataFrame({"file": found, "start": start, "end": end}).drop_duplicates().sort_values(["file", "start"])
    )
    begin_before = spans_of["start"] < spans_of.groupby("file")["end"].shift() - TOGETHER_S
    last_s = spans_of["end"] - spans_of["start"]
    return not begin_before.any() or bool(last_s.max() - last_s.min() < TOGETHER_S)


def spans(table, times):
    """Start and end of each row as written, (n_rows,) each; NaN where a row has none."""
    start, end = (
        pd.to_numeric(tables.with_points(table[name]), errors="coerce").astype(float).to_numpy()
        for name in times.values()
    )
    return start, start + end if "duration" in times else end


def features(table):
    """The columns of numbers of a table of features; () where too few have a point."""
    numeric = [name for name in table.columns if are_numbers(list(table[name]))]
    pointed = [name for name in numeric if any(re.search(r"[.,eE]", value) for value in table[name])]
    return tuple(numeric) if len(pointed) >= FEATURES else ()


def separator(labels):
    """The separator between several labels of a row, or None; a comma, which names may hold, only where it leaves fewer
    names."""
    whole = set(labels)
    if all(dialects.items(label) is not None for label in whole):
        return LISTS
    for sign in BETWEEN:
        pieces = {piece.strip() for label in whole for piece in label.split(sign)}
        if any(sign in label for label in whole) and (sign != "," or len(pieces) < len(whole)):
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


def _found(table, text, files):
    """The path of the file that each row gives under a template; "" where it gives none, or several."""
    pieces = re.split(r"\{([^{}]*)\}", text) if "{" in text else ["", text, ""]
    texts = [
        "".join(row)
        for row in zip(*(table[p] if k % 2 else [p] * len(table) for k, p in enumerate(pieces)), strict=True)
    ]
    of = {value: files.find(value) for value in set(texts)}
    return [of[value][0] if len(of[value]) == 1 else "" for value in texts]
