"""The keys of a dataset file that read the recordings, each with a comment, for a table: a row a recording, a label or
an event of one, or a row of features."""

import os
import shlex
import tempfile
from pathlib import Path

import numpy as np

from sourcewise.core.errors import Stop, count
from sourcewise.datasets import resolver
from sourcewise.datasets.propose import classes, columns, from_events, listed, parts, times
from sourcewise.datasets.propose.proposal import (
    NO_SOURCE,
    Proposal,
    alternatives,
    describe_classes,
    describe_sources,
    ties,
)

MOST_MISSING = (
    0.2  # share of the rows up to which those of absent files are rejected by ingest; above, they are left out
)
#: What stands in a cell without a label, besides nothing.
MISSING = {"", "nan", "NaN", "<NA>", "#N/A", "null", "NULL", "[]", "{}", "()"}


def propose(file, sounds=None):
    """(the folder of the dataset, the Proposal) for a table. sounds: the folder of the recordings; None: that of the
    table, or the one above."""
    file = file.absolute()
    roots = [file.parent, file.parent.parent] if sounds is None else [_above(file, Path(os.path.abspath(sounds)))]
    tried = []
    for root in roots:
        tried.append(listed.of(file, root))
        proposed = tried[-1].path and of_table(tried[-1])
        if proposed:
            return root, proposed._replace(n=len(set(tried[-1].path[2]) - {""}))
        if tried[-1].path:
            break
    proposed = of_features(tried[0])
    if proposed:
        return roots[0], proposed
    raise Stop(f"dataset file: {file}: {_why(tried)}; the columns are: {', '.join(tried[0].table.columns)}")


def _above(file, sounds):
    """The folder that holds a table and the folder of its recordings."""
    if not sounds.is_dir():
        raise Stop(f"dataset file: --sounds is {sounds}: there is no such folder")
    root = Path(os.path.commonpath([file.parent, sounds]))
    if root in {Path(root.anchor), Path.home(), Path(tempfile.gettempdir())}:
        raise Stop(
            f"dataset file: {file} and {sounds} lie too far apart for one dataset: copy the table into the folder of "
            f"the recordings, then propose it there: cp {shlex.quote(str(file))} {shlex.quote(str(sounds))}"
        )
    return root


def of_table(found):
    """The Proposal for a Listed with a column of paths; None where no column holds classes."""
    return from_events.of_list(found) or _of_labels(found, found.table)


def of_features(found):
    """The Proposal for a table of features; None where it is none, or no column holds classes."""
    table = found.table
    numeric = columns.features(table)
    candidates = columns.parts(table, None)
    labels = [part for part in candidates if part.rule not in numeric or part.rank(parts.LABELS) is not None]
    label = parts.label(labels) if numeric else None
    if label is None:
        return None
    sources = [p for p in parts.sources(labels, label) if p.rule not in numeric or p.is_named_source()]
    texts = [name for name in table.columns if name not in numeric and name != label.rule]
    unique = [name for name in texts if table[name].is_unique and (table[name] != "").all()]
    keys = {"reader": ("table", ""), "file": (found.file, "")} | found.names_key()
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


def _why(tried):
    if any(found.path for found in tried):
        one = [part for part in columns.every(tried[-1].table) if part.n == 1 and part.rank(parts.LABELS) is not None]
        only = f": {one[0].rule!r} holds one only, {one[0].values[0]!r}, and two are needed" if one else ""
        return f"found no column with the classes of its recordings{only}"
    table, known = tried[0].table, resolver.Paths([])
    archives = [
        file for file in resolver.listing(tried[0].root).others if file.lower().endswith((".zip", ".tar", ".gz"))
    ]
    archived = f" ({', '.join(archives[:3])} may hold them: unpack it first)" if archives else ""
    for name in table.columns:
        values = [value for value in table[name] if columns.is_path(value, known)]
        if len(values) > columns.ENOUGH * len(table):
            return (
                f"found no column with the paths of recordings: of those in {name!r}, such as {values[0]!r}, too few "
                f"are below {tried[0].root}{archived}: name the folder of the recordings with --sounds"
            )
    return "found no column with the paths of recordings beside the table and one with their classes"


def _of_labels(found, table):
    """For a table with a row a recording, or, where recordings have several rows, a row a label."""
    path, template, files, others = found.path
    labels = classes.of(table, path, found.lists)
    if labels is None:
        return None
    if labels.label is not None:
        column = table[labels.label.rule]
        filled = ~column.str.strip().isin(MISSING)
        if not filled.all():
            wanted = sorted(set(column[filled])), f"{count((~filled).sum(), 'row')} without a label are left out"
            rows = [file for file, is_filled in zip(files, filled, strict=True) if is_filled]
            rest = _of_labels(found._replace(path=(path, template, rows, others)), table[filled])
            return rest and rest._replace(keys=rest.keys | {f"where.{labels.label.rule}": wanted})
    present = np.array([file != "" for file in files])
    n, n_files = int(present.sum()), len(set(files) - {""})
    candidates = labels.rest
    if n_files < n:
        alike = table[present].groupby(np.asarray(files, object)[present]).nunique().max() <= 1
        candidates = [part for part in candidates if alike[part.rule]]
    sources, split = parts.sources(candidates, labels.first), parts.split(candidates)
    own = template.rstrip("*").rstrip("_.-") if "*" in template else template
    keys = found.keys("manifest") | labels.keys | listed.source_and_split(sources, split, own)
    lacking = (table[[part.rule for part in (sources[:1] + [split] * (split is not None))]] == "").any(axis=1)
    if len(files) - n > MOST_MISSING * len(files) or lacking.any():
        n_left = int((~present | lacking).sum())
        keys["missing"] = "left_out", f"{count(n_left, 'row')} of recordings that are not there, or without a source"
    if n_files < n:
        comment = f"{n} rows of {n_files} recordings, which have the labels of all their rows"
        keys["several_rows"] = True, comment
    unused = times.of(table) if n_files < n else {}
    notes = (f"WARNING: {' and '.join(unused.values())} are no times within the files, and are not used",) * bool(
        unused
    )
    if labels.label is None:
        return Proposal(keys, [], sources[0] if sources else None, notes)
    every = [labels.label, *labels.rest]
    others = alternatives(every, labels.label, sources, "columns.")
    return Proposal(keys, others, sources[0] if sources else None, (*notes, *ties(every, labels.label, sources)))


def _is_index(column):
    """Whether a column counts the rows from 0 or 1, as pandas' index does."""
    values = column.tolist()
    return any(values == [str(k) for k in range(start, start + len(values))] for start in (0, 1))
