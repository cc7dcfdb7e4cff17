"""The keys of a dataset file that read the recordings, each with a comment, for a table: a row a recording, a label or
an event of one, or a row of features."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd
import soundfile

from sourcewise.core.errors import Stop
from sourcewise.datasets import dialects, resolver, tables
from sourcewise.datasets.propose import columns, names, parts
from sourcewise.datasets.propose.parts import Part
from sourcewise.datasets.propose.proposal import (
    NO_SOURCE,
    Proposal,
    alternatives,
    describe_classes,
    describe_sources,
    describe_split,
    rule_of,
    ties,
)
from sourcewise.datasets.propose.text import some
from sourcewise.datasets.storing import BEYOND_S
from sourcewise.datasets.task import SEPARATOR

SAMPLED = 20  # rows whose times are compared with the durations of their files
WHOLE = {"pattern": "(?s)^(.+)$"}  # the rule by which each recording is its own source


class Listed(NamedTuple):
    """A table beside its recordings. root: the folder of the dataset; file: the table's path relative to it; names: of
    columns without titles, else None; lists: the columns that hold lists, here texts joined by "|"; path: what
    columns.paths found, None where no column holds paths."""

    root: Path
    file: str
    table: pd.DataFrame
    names: list | None
    lists: set
    path: tuple | None


def propose(file):
    """(folder that paths are relative to, that of the table or its parent, and the Proposal) for a table."""
    if file.suffix.lower() == tables.PARQUET:
        raise Stop(f"dataset file: {file} is Parquet: copy data/datasets/own.yaml, and name its columns there")
    rows = [cells for _, cells in dialects.rows(file)]
    listed = [_listed(file, root, rows) for root in (file.absolute().parent,)]
    if listed[0].path is None:
        listed.append(_listed(file, file.absolute().parent.parent, rows))
    for candidate in listed:
        proposed = candidate.path and of_table(candidate)
        if proposed:
            return candidate.root, proposed
    proposed = of_features(listed[0])
    if proposed:
        return listed[0].root, proposed
    raise Stop(f"dataset file: {file}: {_why(listed)}; the columns are: {', '.join(listed[0].table.columns)}")


def of_table(listed):
    """The Proposal for a table with a column of paths; None where no column holds classes."""
    table, (path, *_) = listed.table, listed.path
    times = columns.times(table)
    others = [name for name in table.columns if name not in times.values()]
    if times and _are_events(listed.root, table, listed.path[2], times):
        return _of_events(listed, table[others], times)
    classes = columns.several(table, {path})
    if classes:
        return _of_classes(listed, table, classes)
    return _of_labels(listed, table)


def of_features(listed):
    """The Proposal for a table of features; None where it is none, or no column holds classes."""
    table = listed.table
    numeric = columns.features(table)
    candidates = columns.parts(table, None)
    labels = [part for part in candidates if part.rule not in numeric or part.rank(parts.LABELS) is not None]
    label = parts.label(labels) if numeric else None
    if label is None:
        return None
    sources = [p for p in parts.sources(labels, label) if p.rule not in numeric or p.is_named_source()]
    texts = [name for name in table.columns if name not in numeric and name != label.rule]
    unique = [name for name in texts if table[name].is_unique and (table[name] != "").all()]
    keys = {"reader": ("table", ""), "file": (listed.file, "")} | _names(listed)
    if unique:
        keys["columns.path"] = unique[0], "names the row"
    keys["columns.label"] = label.rule, describe_classes(label)
    if sources:
        keys["columns.source"] = sources[0].rule, describe_sources(sources)
    elif unique:
        keys["columns.source"] = unique[0], NO_SOURCE
    used = {value for value, _ in keys.values() if isinstance(value, str)}
    left = [name for name in table.columns if name not in used and (name not in numeric or _is_index(table[name]))]
    if left:
        keys["leave_out"] = left, "no features"
    others = alternatives(labels, label, sources, "columns.")
    return Proposal(keys, others, sources[0] if sources else None, ties(labels, label, sources))


def _listed(file, root, rows):
    files = resolver.listing(root).files
    relative = file.absolute().relative_to(root)
    found = resolver.Paths(files, root, base=relative.parent.as_posix())
    untitled = rows and not columns.has_titles(rows, found)
    title_names = tables.untitled(max(map(len, rows))) if untitled else None
    table = tables.whole(file, names=title_names)
    lists = {name for name in table if any(isinstance(value, list) for value in table[name])}
    table = table.map(lambda value: SEPARATOR.join(value) if isinstance(value, list) else value)
    return Listed(
        root, relative.as_posix(), table, title_names, lists, columns.paths(table, found) if len(table) else None
    )


def _names(listed):
    return {"names": (listed.names, "the table has no titles")} if listed.names else {}


def _why(listed):
    if any(candidate.path for candidate in listed):
        return "found no column with the classes of its recordings"
    table, known = listed[0].table, resolver.Paths([])
    for name in table.columns:
        values = [value for value in table[name] if columns.is_path(value, known)]
        if len(values) > columns.ENOUGH * len(table):
            return (
                f"found no column with the paths of recordings: of those in {name!r}, such as {values[0]!r}, too few "
                f"are below {listed[0].root}"
            )
    return "found no column with the paths of recordings beside the table and one with their classes"


def _of_labels(listed, table):
    """For a table with a row a recording, or, where recordings have several rows, a row a label."""
    path, template, found, others = listed.path
    candidates = columns.parts(table, path)
    label = parts.label(candidates)
    if label is None:
        return None
    filled = table[label.rule] != ""
    if not filled.all():
        wanted = sorted(set(table[label.rule]) - {""}), f"{(~filled).sum()} rows without a label are left out"
        rows = [file for file, is_filled in zip(found, filled, strict=True) if is_filled]
        rest = _of_labels(listed._replace(path=(path, template, rows, others)), table[filled])
        return rest and rest._replace(keys=rest.keys | {f"where.{label.rule}": wanted})
    separator = columns.separator(table[label.rule])
    first = label if separator is None else Part.of(label.rule, "column", _first(table[label.rule], separator))
    sources, split = parts.sources([part for part in candidates if part is not label], first), parts.split(candidates)
    keys = _start(listed, "manifest")
    keys["columns.label"] = label.rule, describe_classes(first)
    keys |= _source_and_split(sources, split, template)
    if separator is not None and label.rule not in listed.lists:
        keys["separator"] = separator, "between the labels of a recording" if separator != "[]" else "cells hold lists"
    n_files = len(set(found) - {""})
    if n_files < sum(file != "" for file in found):
        keys["several_rows"] = (
            True,
            f"{len(table)} rows of {n_files} recordings, which have the labels of all their rows",
        )
    others = alternatives(candidates, label, sources, "columns.")
    return Proposal(keys, others, sources[0] if sources else None, ties(candidates, label, sources))


def _of_classes(listed, table, classes):
    """For a table with a column a class."""
    path, template, *_ = listed.path
    rest = columns.parts(table.drop(columns=list(classes)), path)
    first = [
        next((name for name in classes if value[name].strip().lower() in columns.PRESENT), "")
        for _, value in table.iterrows()
    ]
    label = Part.of("", "column", first)
    sources, split = parts.sources(rest, label), parts.split(rest)
    keys = _start(listed, "manifest")
    keys["columns.label"] = list(classes), f"{len(classes)} classes, each a column of 1 and 0"
    keys |= _source_and_split(sources, split, template)
    return Proposal(keys, [], sources[0] if sources else None)


def _of_events(listed, table, times):
    """For a table with a row an event; table: without the columns of times."""
    path, _, found, _ = listed.path
    label = parts.label(columns.parts(table, path))
    if label is None:
        return None
    keys = _start(listed, "eventlist")
    keys |= {f"columns.{key}": (column, "in seconds from the start of the file") for key, column in times.items()}
    keys["columns.label"] = label.rule, describe_classes(label)
    present = table[[file != "" for file in found]].assign(file=[file for file in found if file])
    once = present.drop_duplicates("file")
    alike = [name for name in table.columns if name != path and (present.groupby("file")[name].nunique() == 1).all()]
    candidates = columns.parts(once[alike], None)
    first = Part.of(label.rule, "column", once[label.rule])
    sources, split = parts.sources(candidates, first), parts.split(candidates)
    if sources:
        keys |= _source_and_split(sources, split, "")
    else:
        sources = parts.sources(names.parts(once["file"].tolist()), first)
        keys["source"] = (rule_of(sources[0]) if sources else WHOLE), describe_sources(sources)
    keys["unlisted"] = "left_out", "recordings without a row; empty: they hold none of these events"
    return Proposal(keys, [], sources[0] if sources else None)


def _start(listed, reader):
    _, template, _, others = listed.path
    comment = f"or {some(others)}: the files have these names in several folders" if others else ""
    return {"reader": (reader, ""), "file": (listed.file, "")} | _names(listed) | {"columns.path": (template, comment)}


def _source_and_split(sources, split, path):
    keys = {"columns.source": ((sources[0].rule if sources else path), describe_sources(sources))}
    if split is not None and not split.is_folds():
        keys["columns.split"] = split.rule, describe_split(split)
    return keys


def _first(labels, separator):
    if separator == columns.LISTS:
        return [next(iter(dialects.items(label)), "") for label in labels]
    return labels.str.split(separator).str[0]


def _is_index(column):
    """Whether a column counts the rows from 0 or 1, as pandas' index does."""
    values = column.tolist()
    return any(values == [str(k) for k in range(start, start + len(values))] for start in (0, 1))


def _are_events(root, table, found, times):
    """Whether the times of rows lie within their files: not those of the original that a clip was cut from."""
    rows = [k for k, file in enumerate(found) if file and table[times["onset"]].iloc[k] != ""]
    part = False
    for k in rows[:: max(1, len(rows) // SAMPLED)]:
        seconds = _duration_s(root / found[k])
        onset, end = (float(table[name].iloc[k].replace(",", ".")) for name in times.values())
        end += onset if "duration" in times else 0
        if seconds is None or end > seconds + BEYOND_S:
            return False
        part |= onset > BEYOND_S or end < seconds - BEYOND_S
    return part


def _duration_s(path):
    try:
        return soundfile.info(str(path)).duration
    except (soundfile.LibsndfileError, OSError):
        return None
