"""Lists of events, a row with onset, offset and label each: one CSV for all recordings, or one for each recording.

DCASE's DESED and MAESTRO have one list for all; TUT, URBAN-SED, label tracks exported from Audacity and selection
tables from Raven have one for each recording.
"""

from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field, field_validator, model_validator

from sourcewise.core import messages
from sourcewise.core.errors import Stop, count
from sourcewise.core.params import Section
from sourcewise.datasets import annotations, dataset_file, resolver, tables
from sourcewise.datasets.dataset_file import Recording, Segment
from sourcewise.datasets.readers import folder, manifest
from sourcewise.datasets.readers.folder import Rule
from sourcewise.datasets.task import SEPARATOR


class Columns(Section):
    """The names of the columns: onset, and offset or duration, in seconds, label, and path where one list is for
    all recordings; source and split (the part or the fold of the recording) where the list has them.

    label: or several columns, one a class, as in `manifest`.
    """

    onset: str
    offset: str | None = None
    duration: str | None = None
    label: manifest.Label
    path: str | None = None
    source: str | None = None
    split: str | None = None


class DatasetFile(dataset_file.DatasetFile):
    """`file`: the list, or the list of each recording: `{stem}` stands for the recording's path below `sounds` without
    its suffix, `{name}` for the last part of that.

    sounds: the folder with the recordings; the column `path` is relative to it. names: of the columns, where lists have
    no header. delimiter: of the columns; null: guessed. source, split: as in `folder`, where they are not columns.
    unit: of the times, which may also be written as 1:23.5. separator: as in `manifest`. drop: labels whose events are
    left out. unlisted: recordings without a list or a row in it are `empty` (without events) or `left_out`; null: they
    stop the run. missing: rows of recordings that are not there are `left_out`; null: they stop the run. cut: each row
    is a recording of its own, cut out of its file, with the label of the row, and a source of its own where that is a
    column; recordings without a row are left out.
    """

    file: str
    columns: Columns
    sounds: str = "."
    names: Annotated[list[str], Field(min_length=3)] | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    source: Rule | None = None
    split: Rule | None = None
    unit: Literal["s", "ms"] = "s"
    separator: Annotated[str, Field(min_length=1)] | None = None
    drop: list[str] = Field(default_factory=list)
    unlisted: Literal["empty", "left_out"] | None = None
    cut: bool = False
    missing: Literal["left_out"] | None = None

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
        if self.separator is not None and isinstance(self.columns.label, list):
            raise ValueError("columns.label names a column for each class, so separator must not be set")
        if self.cut and self.unlisted == "empty":
            raise ValueError("with cut, recordings without a row are left out, so unlisted must not be empty")
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
    """Every sound file below `sounds` with its events; its labels are those of the events. With `cut`, every row."""
    paths = annotations.recordings(root, keys.sounds)
    table = (_from_each if keys.per_recording else _from_one)(root, keys, paths)
    unlisted = sorted(set(paths) - set(table["path"]))
    if unlisted and keys.unlisted is None and not keys.cut:
        first = ", ".join(map(repr, unlisted[:10]))
        raise Stop(
            f"dataset file: {keys.file!r} does not list {len(unlisted)} of {len(paths)} recordings "
            f"(first: {first}): set unlisted to empty, if they have no events, or to left_out"
        )
    if set(keys.drop) - set(table["label"]):
        wrong, present = sorted(set(keys.drop) - set(table["label"])), sorted(set(table["label"]) - {""})
        raise Stop(
            f"dataset file: drop: no event has the label {', '.join(map(repr, wrong))}; there are: {', '.join(present)}"
        )
    if keys.cut:
        return _segments(root, keys, table[~table["label"].isin(keys.drop) & table["onset"].notna()])
    if keys.unlisted == "left_out":
        paths = [path for path in paths if path not in set(unlisted)]
    events = {path: _events(rows, keys.drop) for path, rows in table.groupby("path")}
    labels = [_joined(label for *_, label in events.get(path, ())) for path in paths]
    sources, given = (_names(root, paths, table, keys, key) for key in ("source", "split"))
    rows = zip(paths, labels, sources, given, strict=True)
    return [Recording(*row, events.get(row[0], ())) for row in rows]


def _segments(root, keys, table):
    """Each row as a Segment; rows of one span are one, with the labels of all."""
    spans = table.groupby(["path", "onset", "offset"], sort=True)
    first, labels = spans.first().reset_index(), spans["label"].agg(_joined).tolist()
    paths = first["path"].tolist()
    sources, given = (_names(root, paths, first, keys, key) for key in ("source", "split"))
    times = zip(first["onset"], first["offset"], strict=True)
    rows = zip(paths, labels, sources, given, times, strict=True)
    return [Segment(*row) for row in rows]


def _joined(labels):
    return SEPARATOR.join(sorted(set(labels) - {""}))


def _names(root, paths, table, keys, key):
    """The source or the part of each path, from the path or from the table: its own row, else the first of the path."""
    rule = getattr(keys, key)
    if rule is not None:
        return folder.names(paths, rule.of(root), key)
    if key not in table:
        return [""] * len(paths)
    if table["path"].tolist() == paths:
        return table[key].tolist()
    of = table.drop_duplicates("path").set_index("path")[key].to_dict()
    unknown = [path for path in paths if path not in of]
    if key == "source" and unknown:
        raise Stop(
            f"dataset file: {len(unknown)} recordings have no row to read columns.source from: set source instead"
        )
    return [of.get(path, "") for path in paths]


def _events(rows, dropped):
    """The events of a recording without those of dropped labels, sorted."""
    events = rows[["onset", "offset", "label"]].itertuples(index=False, name=None)
    return tuple(sorted({event for event in events if event[2] and event[2] not in dropped}))


def _from_each(root, keys, paths):
    """The rows of all lists, with their recordings' paths; a recording whose list is empty has a row without a
    label."""
    found = []
    for path in paths:
        name = annotations.name(keys.file, path, keys.sounds)
        if (root / name).is_file():
            rows = _checked(tables.inside(root, name), keys)
            found.append((rows if len(rows) else pd.DataFrame({"label": [""]})).assign(path=path))
    if not found:
        raise Stop(
            f"dataset file: file is {keys.file!r}: no such file exists for any of {len(paths)} recordings in {root}"
        )
    return pd.concat(found).reindex(columns=["path", "onset", "offset", "label"])


def _from_one(root, keys, paths):
    """The rows of the list, each with its recording's path."""
    file = tables.inside(root, keys.file)
    table = _checked(file, keys)
    tables.refuse(file, table.index[table["path"] == ""], "lacks a path")
    table["path"] = manifest.found(file, table["path"], resolver.Paths(paths, root, base=keys.sounds))
    if keys.missing is None:
        unknown = table.index[~table["path"].isin(paths)]
        tables.refuse(file, unknown, f"names a recording that is not in {root / keys.sounds}")
    table = manifest.present(file, table, paths)
    for key in {"source", "split"} & set(table):
        tables.refuse(file, table.index[table[key] == ""], f"lacks a {key}")
        first = table.groupby("path")[key].transform("first")
        other = [] if keys.cut else table.index[table[key] != first]
        tables.refuse(file, other, f"has another {key} than its recording's first row")
    return table


def _checked(file, keys):
    """The rows of a list, one a label, onset and offset as numbers; NaN in the row of a recording without events."""
    columns = keys.columns.model_dump(exclude_none=True)
    classes = columns.pop("label") if isinstance(keys.columns.label, list) else []
    wanted = columns | {f"label {name}": name for name in classes}
    table = tables.read(file, wanted, names=keys.names, delimiter=keys.delimiter)
    table = table.apply(lambda column: column.str.strip()) if len(table) else table
    end = "offset" if "offset" in table else "duration"
    if keys.cut and not classes:
        table = _labelled(file, table)
    filled = table[["onset", end, *([] if classes else ["label"])]] != ""
    has_event = filled.any(axis=1)
    tables.refuse(file, table.index[has_event & ~filled.all(axis=1)], "lacks an onset, an offset or a label")
    if len(table) and tables.is_clock(table["onset"]) != tables.is_clock(table[end]):
        tables.refuse(file, table.index[has_event], "has an onset or offset that is not a number of seconds")
    for key in ("onset", end):
        times = tables.seconds(table[key])
        table[key] = times / 1000 if keys.unit == "ms" else times
    if end == "duration":
        table["offset"] = table["onset"] + table.pop("duration")
    bad = has_event & ~np.isfinite(table[["onset", "offset"]]).all(axis=1)
    tables.refuse(file, table.index[bad], "has an onset or offset that is not a number of seconds")
    tables.refuse(file, table.index[table["onset"] < 0], "has an onset before 0 s")
    tables.refuse(
        file, table.index[has_event & (table["offset"] <= table["onset"])], "has an offset not after its onset"
    )
    labels = manifest.of_columns(file, table, classes) if classes else manifest.split(table["label"], keys.separator)
    table = table.assign(label=labels).explode("label").fillna({"label": ""})
    wrong = [SEPARATOR in label for label in table["label"]]
    tables.refuse(file, table.index[wrong], f"has a label with {SEPARATOR}")
    return table


def _labelled(file, table):
    """The rows with a label; how many have none is reported."""
    filled = table["label"] != ""
    if not filled.all():
        messages.info(f"left out {count((~filled).sum(), 'row')} of {file} without a label")
    return table[filled].copy()
