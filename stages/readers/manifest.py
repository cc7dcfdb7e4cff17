"""A CSV file that lists the recordings: one row a file, columns named in the card."""

import posixpath
from typing import Annotated

import pandas as pd
from pydantic import Field

from stages.core import card
from stages.core.card import Recording
from stages.core.params import Section
from stages.core.stop import Stop
from stages.core.task import SEPARATOR


class Columns(Section):
    """The names of the CSV's columns that hold path, label and source, and `split`, the part or the number of the fold,
    where the corpus comes with a split."""

    path: str
    label: str
    source: str
    split: str | None = None


class Card(card.Card):
    """`file`: the CSV in the dataset's folder, UTF-8. `separator`: what stands between several labels of a clip."""

    file: str
    columns: Columns
    separator: Annotated[str, Field(min_length=1)] | None = None

    @property
    def gives_split(self):
        """As in the base."""
        return super().gives_split or self.columns.split is not None


def read(root, card):
    """The rows of the CSV as Recordings; paths are relative to the dataset's folder."""
    file = root / card.file
    if not file.resolve().is_relative_to(root.resolve()) or not file.is_file():
        raise Stop(f"card: file is {card.file!r}: there is no such file in {root}")
    try:
        table = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise Stop(f"{file} cannot be read as a CSV in UTF-8: {error}") from None
    wanted = card.columns.model_dump(exclude_none=True)
    missing = sorted(set(wanted.values()) - set(table.columns))
    if missing:
        raise Stop(f"{file} has no column {', '.join(missing)}; it has: {', '.join(table.columns)}")
    table = table[list(wanted.values())].set_axis(list(wanted), axis=1)
    table["path"] = [posixpath.normpath(path) if path else path for path in table["path"]]
    _refuse(file, table.index[table["path"].duplicated()], "names a file that an earlier row names")
    lacking = "lacks a path, a label or a source" + ", or a part" * ("split" in table)
    _refuse(file, table.index[(table == "").any(axis=1)], lacking)
    if card.separator != SEPARATOR:
        _refuse(file, table.index[table["label"].str.contains(SEPARATOR, regex=False)], f"has a label with {SEPARATOR}")
    if card.separator is not None:
        table["label"] = [_joined(label, card.separator) for label in table["label"]]
        _refuse(file, table.index[table["label"] == ""], "has no label between its separators")
    table = table.rename(columns={"label": "labels", "split": "given"})
    return [Recording(**row) for row in table.to_dict("records")]


def _joined(label, separator):
    return SEPARATOR.join(sorted({part.strip() for part in label.split(separator)} - {""}))


def _refuse(file, rows, what):
    if len(rows):
        lines = ", ".join(str(row + 2) for row in rows[:10])
        raise Stop(f"{file}: {len(rows)} row{'s' * (len(rows) > 1)} (line {lines}): {what}")
