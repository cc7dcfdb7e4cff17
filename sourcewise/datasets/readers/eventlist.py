"""Lists of events: onset, offset and label a row, in one CSV for all recordings or one beside each.

One list for all is how DCASE's corpora come (DESED, MAESTRO), one for each recording those of TUT, URBAN-SED, and label
tracks exported from Audacity or selection tables from Raven.
"""

import posixpath
from collections import defaultdict
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field, field_validator, model_validator

from sourcewise.core.errors import Stop
from sourcewise.core.params import Section
from sourcewise.datasets import annotations, dataset_file, tables
from sourcewise.datasets.dataset_file import Recording
from sourcewise.datasets.readers import folder
from sourcewise.datasets.readers.folder import Rule
from sourcewise.datasets.task import SEPARATOR


class Columns(Section):
    """The names of the columns: onset and offset in seconds, label, and path where one list is for all recordings;
    source and split (the part or the fold of the recording) where the list has them."""

    onset: str
    offset: str
    label: str
    path: str | None = None
    source: str | None = None
    split: str | None = None


class DatasetFile(dataset_file.DatasetFile):
    """`file`: the list, or, with `{stem}` in it, the list of each recording: its path below `sounds` without its
    suffix; `{name}` is the last part of that.

    sounds: the folder with the recordings; the column `path` is relative to it. names: of the columns, where lists have
    no line that names them. delimiter: of the columns; null: guessed. source, split: as in `folder`, where they are no
    columns. drop: labels whose events are left out. unlisted: recordings that have no list, or no row in it: `empty`
    (nothing is heard in them) or `left_out`; null: they stop the run.
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
        if self.one_each and (self.columns.path or self.columns.source or self.columns.split):
            raise ValueError("file is one for each recording, so columns may name onset, offset and label only")
        if not self.one_each and self.columns.path is None:
            raise ValueError("columns.path is missing, or file must hold {stem} or {name}, one for each recording")
        if (self.source is None) == (self.columns.source is None):
            raise ValueError("the source is missing, or given twice: set either source or columns.source")
        if self.split is not None and self.columns.split is not None:
            raise ValueError("set either split or columns.split")
        return self

    @property
    def one_each(self):
        """Whether each recording has a list of its own."""
        return annotations.one_each(self.file)

    @property
    def gives_split(self):
        """As in the base."""
        return super().gives_split or self.split is not None or self.columns.split is not None


def read(root, card):
    """Every sound file below `sounds` with its events; its labels are theirs, none where it has no event."""
    paths = annotations.recordings(root, card.sounds)
    known = (_from_each if card.one_each else _from_one)(root, card, paths)
    unlisted = [path for path in paths if path not in known]
    if unlisted and card.unlisted is None:
        first = ", ".join(map(repr, unlisted[:10]))
        raise Stop(
            f"dataset file: file {card.file!r} says nothing of {len(unlisted)} of {len(paths)} recordings "
            f"(first: {first}): set unlisted to empty, if nothing is heard in them, or to left_out"
        )
    if card.unlisted == "left_out":
        paths = [path for path in paths if path in known]
    there = {label for row in known.values() for _, _, label in row["events"]}
    if set(card.drop) - there:
        wrong, names = sorted(set(card.drop) - there), ", ".join(sorted(there))
        raise Stop(f"dataset file: drop: no event has the label {', '.join(map(repr, wrong))}; there are: {names}")
    events = [_heard(known.get(path, {}).get("events", ()), card.drop) for path in paths]
    labels = [SEPARATOR.join(sorted({label for _, _, label in heard})) for heard in events]
    sources, given = (_names(root, paths, known, card, key) for key in ("source", "split"))
    return [Recording(*row) for row in zip(paths, labels, sources, given, events, strict=True)]


def _names(root, paths, known, card, key):
    """The source or the part of each recording, from its path or from its rows."""
    rule = getattr(card, key)
    if rule is not None:
        return folder.names(paths, rule.of(root), key)
    unknown = [path for path in paths if path not in known]
    if key == "source" and unknown:
        raise Stop(
            f"dataset file: columns.source says nothing of {len(unknown)} recordings without a row: give source a rule"
        )
    return [known.get(path, {}).get(key, "") for path in paths]


def _heard(events, dropped):
    return tuple(sorted({event for event in events if event[2] not in dropped}))


def _from_each(root, card, paths):
    """{path: {events}} of the recordings that have a list."""
    found = {}
    for path in paths:
        name = annotations.name(card.file, path, card.sounds)
        if (root / name).is_file():
            table = _checked(tables.inside(root, name), card)
            found[path] = {"events": _as_events(table)}
    if not found:
        raise Stop(
            f"dataset file: file is {card.file!r}: there is none such for any of {len(paths)} recordings in {root}"
        )
    return found


def _from_one(root, card, paths):
    """{path: {events, source, split}} of the recordings that the list names."""
    file = tables.inside(root, card.file)
    table = _checked(file, card)
    tables.refuse(file, table.index[table["path"] == ""], "lacks a path")
    table["path"] = [posixpath.normpath(posixpath.join(card.sounds, path)) for path in table["path"]]
    unknown = table.index[~table["path"].isin(paths)]
    tables.refuse(file, unknown, f"names a recording that is not in {root / card.sounds}")
    for key in {"source", "split"} & set(table):
        tables.refuse(file, table.index[table[key] == ""], f"lacks a {key}")
        first = table.groupby("path")[key].transform("first")
        tables.refuse(file, table.index[table[key] != first], f"has another {key} than its recording's first row")
    rows = defaultdict(list)
    for path, *event in table[["path", "onset", "offset", "label"]].itertuples(index=False):
        rows[path].append(event)
    once = table.drop_duplicates("path").set_index("path")
    more = {path: {} for path in rows} | once[list({"source", "split"} & set(table))].to_dict("index")
    return {path: more[path] | {"events": _events(events)} for path, events in rows.items()}


def _checked(file, card):
    """The rows of a list, onset and offset as numbers; NaN in a row that says that its recording has no event."""
    wanted = card.columns.model_dump(exclude_none=True)
    table = tables.read(file, wanted, names=card.names, delimiter=card.delimiter)
    table = table.apply(lambda column: column.str.strip()) if len(table) else table
    event = table[["onset", "offset", "label"]] != ""
    some = event.any(axis=1)
    tables.refuse(file, table.index[some & ~event.all(axis=1)], "lacks an onset, an offset or a label")
    for key in ("onset", "offset"):
        table[key] = pd.to_numeric(table[key], errors="coerce").astype(float)
    bad = some & ~np.isfinite(table[["onset", "offset"]]).all(axis=1)
    tables.refuse(file, table.index[bad], "has an onset or offset that is no number of seconds")
    tables.refuse(file, table.index[table["onset"] < 0], "has an onset before 0 s")
    tables.refuse(file, table.index[some & (table["offset"] <= table["onset"])], "has an offset not after its onset")
    tables.refuse(
        file, table.index[table["label"].str.contains(SEPARATOR, regex=False)], f"has a label with {SEPARATOR}"
    )
    return table


def _as_events(table):
    return _events(table[["onset", "offset", "label"]].itertuples(index=False))


def _events(rows):
    return tuple((onset, offset, label) for onset, offset, label in rows if label)
