"""A CSV file that lists the recordings: one row a file, columns named in the card."""

import posixpath
from typing import Annotated

from pydantic import Field

from stages.core import card
from stages.core.card import Recording
from stages.core.params import Section
from stages.core.task import SEPARATOR
from stages.readers import _tables


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
    file = _tables.inside(root, card.file)
    table = _tables.columns(file, _tables.read(file), card.columns.model_dump(exclude_none=True))
    table["path"] = [posixpath.normpath(path) if path else path for path in table["path"]]
    _tables.refuse(file, table.index[table["path"].duplicated()], "names a file that an earlier row names")
    lacking = "lacks a path, a label or a source" + ", or a part" * ("split" in table)
    _tables.refuse(file, table.index[(table == "").any(axis=1)], lacking)
    if card.separator != SEPARATOR:
        _tables.refuse(
            file, table.index[table["label"].str.contains(SEPARATOR, regex=False)], f"has a label with {SEPARATOR}"
        )
    if card.separator is not None:
        table["label"] = [_joined(label, card.separator) for label in table["label"]]
        _tables.refuse(file, table.index[table["label"] == ""], "has no label between its separators")
    table = table.rename(columns={"label": "labels", "split": "given"})
    return [Recording(**row) for row in table.to_dict("records")]


def _joined(label, separator):
    return SEPARATOR.join(sorted({part.strip() for part in label.split(separator)} - {""}))
