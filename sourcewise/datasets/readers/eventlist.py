"""Lists of events, a row with onset, offset and label each: one CSV for all recordings, or one for each recording.

DCASE's DESED and MAESTRO have one list for all; TUT, URBAN-SED, label tracks exported from Audacity and selection
tables from Raven have one for each recording.
"""

from collections import defaultdict
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field, field_validator, model_validator

from sourcewise.core.errors import Stop
from sourcewise.core.params import Section
from sourcewise.datasets import annotations, dataset_file, resolver, tables
from sourcewise.datasets.dataset_file import Recording
from sourcewise.datasets.readers import folder, manifest
from sourcewise.datasets.readers.folder import Rule
from sourcewise.datasets.task import SEPARATOR


class Columns(Section):
    """The names of the columns: onset, and offset or duration, in seconds, label, and path where one list is for
    all recordings; source and split (the part or the fold of the recording) where the list has them."""

    onset: str
    offset: str | None = None
    duration: str | None = None
    label: str
    path: str | None = None
    source: str | None = None
    split: str | None = None


class DatasetFile(dataset_file.DatasetFile):
    """`file`: the list, or the list of each recording: `{stem}` stands for the recording's path below `sounds` without
    its suffix, `{name}` for the last part of that.

    sounds: the folder with the recordings; the column `path` is relative to it. names: of the columns, where lists have
    no header. delimiter: of the columns; null: guessed. source, split: as in `folder`, where they are not columns.
    drop: labels whose events are left out. unlisted: recordings without a list or a row in it are `empty` (without
    events) or `left_out`; null: they stop the run.
    """

    file: str
    columns: Columns
    sounds: str = "."
    names: Annotated[list[str], Field(min_length=3)] | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    source: Rule | None = None
    split: Rule | None = None
    drop: list[str] = Field(default_factory=list)
    unlisted: Literal["empty", "left_out"] | None = None

    @field_validator("source", "split", mode="before")
    @classmethod
    def _parent_is_a_rule(cls, rule):
        return folder.as_rule(rule)

    @model_validator(mode="after")
    def _fit_together(self):
        if self.per_recording and (self.columns.path or self.columns.source or self.columns.split):
            raise ValueError("each recording has its own file, so columns may name onset, offset and label only")
        if not self.per_recording and self.columns.path is None:
            raise ValueError("columns.path is missing, or file must hold {stem} or {name}, one for each recording")
        if (self.columns.offset is None) == (self.columns.duration is None):
            raise ValueError("set either columns.offset or columns.duration")
        if (self.source is None) == (self.columns.source is None):
            raise ValueError("the source is missing, or given twice: set either source or columns.source")
        if self.split is not None and self.columns.split is not None:
            raise ValueError("set either split or columns.split")
        return self

    @property
    def per_recording(self):
        """Whether each recording has a list of its own."""
        return annotations.per_recording(self.file)

    @property
    def gives_split(self):
        """As in the base."""
        return super().gives_split or self.split is not None or self.columns.split is not None


def read(root, keys):
    """Every sound file below `sounds` with its events; its labels are those of the events."""
    paths = annotations.recordings(root, keys.sounds)
    listed = (_from_each if keys.per_recording else _from_one)(root, keys, paths)
    unlisted = [path for path in paths if path not in listed]
    if unlisted and keys.unlisted is None:
        first = ", ".join(map(repr, unlisted[:10]))
        raise Stop(
            f"dataset file: {keys.file!r} does not list {len(unlisted)} of {len(paths)} recordings "
            f"(first: {first}): set unlisted to empty, if they have no events, or to left_out"
        )
    if keys.unlisted == "left_out":
        paths = [path for path in paths if path in listed]
    present = {label for row in listed.values() for _, _, label in row["events"]}
    if set(keys.drop) - present:
        wrong, names = sorted(set(keys.drop) - present), ", ".join(sorted(present))
        raise Stop(f"dataset file: drop: no event has the label {', '.join(map(repr, wrong))}; there are: {names}")
    events = [_kept(listed.get(path, {}).get("events", ()), keys.drop) for path in paths]
    labels = [SEPARATOR.join(sorted({label for _, _, label in kept})) for kept in events]
    sources, given = (_names(root, paths, listed, keys, key) for key in ("source", "split"))
    return [Recording(*row) for row in zip(paths, labels, sources, given, events, strict=True)]


def _names(root, paths, listed, keys, key):
    """The source or the part of each recording, from its path or from its rows."""
    rule = getattr(keys, key)
    if rule is not None:
        return folder.names(paths, rule.of(root), key)
    unknown = [path for path in paths if path not in listed]
    if key == "source" and unknown:
        raise Stop(
            f"dataset file: {len(unknown)} recordings have no row to read columns.source from: set source instead"
        )
    return [listed.get(path, {}).get(key, "") for path in paths]


def _kept(events, dropped):
    """The events without those of dropped labels, sorted."""
    return tuple(sorted({event for event in events if event[2] not in dropped}))


def _from_each(root, keys, paths):
    """{path: {"events": events}} of the recordings that have a list."""
    listed = {}
    for path in paths:
        name = annotations.name(keys.file, path, keys.sounds)
        if (root / name).is_file():
            table = _checked(tables.inside(root, name), keys)
            listed[path] = {"events": _as_events(table)}
    if not listed:
        raise Stop(
            f"dataset file: file is {keys.file!r}: no such file exists for any of {len(paths)} recordings in {root}"
        )
    return listed


def _from_one(root, keys, paths):
    """{path: {"events": events, "source": ..., "split": ...}} of the recordings in the list."""
    file = tables.inside(root, keys.file)
    table = _checked(file, keys)
    tables.refuse(file, table.index[table["path"] == ""], "lacks a path")
    table["path"] = manifest.found(file, table["path"], resolver.Paths(paths, root, base=keys.sounds))
    unknown = table.index[~table["path"].isin(paths)]
    tables.refuse(file, unknown, f"names a recording that is not in {root / keys.sounds}")
    for key in {"source", "split"} & set(table):
        tables.refuse(file, table.index[table[key] == ""], f"lacks a {key}")
        first = table.groupby("path")[key].transform("first")
        tables.refuse(file, table.index[table[key] != first], f"has another {key} than its recording's first row")
    rows = defaultdict(list)
    for path, *event in table[["path", "onset", "offset", "label"]].itertuples(index=False):
        rows[path].append(event)
    first_rows = table.drop_duplicates("path").set_index("path")
    columns = {path: {} for path in rows} | first_rows[list({"source", "split"} & set(table))].to_dict("index")
    return {path: columns[path] | {"events": _events(events)} for path, events in rows.items()}


def _checked(file, keys):
    """The rows of a list, onset and offset as numbers; NaN in the row of a recording without events."""
    columns = keys.columns.model_dump(exclude_none=True)
    table = tables.read(file, columns, names=keys.names, delimiter=keys.delimiter)
    table = table.apply(lambda column: column.str.strip()) if len(table) else table
    end = "offset" if "offset" in table else "duration"
    filled = table[["onset", end, "label"]] != ""
    has_event = filled.any(axis=1)
    tables.refuse(file, table.index[has_event & ~filled.all(axis=1)], "lacks an onset, an offset or a label")
    for key in ("onset", end):
        table[key] = pd.to_numeric(tables.with_points(table[key]), errors="coerce").astype(float)
    if end == "duration":
        table["offset"] = table["onset"] + table.pop("duration")
    bad = has_event & ~np.isfinite(table[["onset", "offset"]]).all(axis=1)
    tables.refuse(file, table.index[bad], "has an onset or offset that is not a number of seconds")
    tables.refuse(file, table.index[table["onset"] < 0], "has an onset before 0 s")
    tables.refuse(
        file, table.index[has_event & (table["offset"] <= table["onset"])], "has an offset not after its onset"
    )
    tables.refuse(
        file, table.index[table["label"].str.contains(SEPARATOR, regex=False)], f"has a label with {SEPARATOR}"
    )
    return table


def _as_events(table):
    return _events(table[["onset", "offset", "label"]].itertuples(index=False))


def _events(rows):
    return tuple((onset, offset, label) for onset, offset, label in rows if label)
