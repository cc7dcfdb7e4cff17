"""A CSV or Parquet file that lists the recordings: one row a file, columns named in the card."""

import posixpath
from typing import Annotated

from pydantic import Field

from sourcewise.core.errors import Stop
from sourcewise.core.params import Section
from sourcewise.datasets import dataset_file, tables
from sourcewise.datasets.dataset_file import Recording
from sourcewise.datasets.task import SEPARATOR


class Columns(Section):
    """The names of the columns that hold path, label and source, and `split`, the part or the number of the fold, where
    the corpus comes with a split. A text with names in curly brackets is built of several: 'fold{fold}/{name}.wav'."""

    path: str
    label: str
    source: str
    split: str | None = None


class DatasetFile(dataset_file.DatasetFile):
    """`file`: in the dataset's folder, a CSV in UTF-8 or, by its suffix, Parquet. delimiter: of a CSV's columns; null:
    guessed.

    separator: what stands between several labels of a clip; a list of Parquet needs none. where: only rows are read
    whose columns hold one of these values. rename: from labels to other names; the rest stay.
    """

    file: str
    columns: Columns
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    separator: Annotated[str, Field(min_length=1)] | None = None
    where: dict[str, str | int | list[str | int]] = Field(default_factory=dict)
    rename: dict[str, str] = Field(default_factory=dict)

    @property
    def gives_split(self):
        """As in the base."""
        return super().gives_split or self.columns.split is not None


def read(root, card):
    """The rows of the file as Recordings; paths are relative to the dataset's folder."""
    return [Recording(**row) for row in rows(root, card).to_dict("records")]


def rows(root, card):
    """The same as a table, the index the number of each row's line."""
    file = tables.inside(root, card.file)
    wanted = card.columns.model_dump(exclude_none=True)
    table = tables.read(file, wanted | {f"where {name}": name for name in card.where}, delimiter=card.delimiter)
    table = _kept(file, table, card.where)[list(wanted)]
    for key in wanted.keys() - {"label"}:
        tables.refuse(file, table.index[[isinstance(value, list) for value in table[key]]], f"has a list as its {key}")
    table["path"] = [posixpath.normpath(path) if path else path for path in table["path"]]
    tables.refuse(file, table.index[table["path"].duplicated()], "names a file that an earlier row names")
    labels = [[card.rename.get(label, label) for label in _parts(found, card)] for found in table["label"]]
    lacking = "lacks a path, a label or a source" + ", or a part" * ("split" in table)
    blank = table.drop(columns="label").apply(lambda column: column.str.strip().eq("")).any(axis=1)
    tables.refuse(file, table.index[blank | table["label"].eq("")], lacking)
    wrong = [any(SEPARATOR in label for label in found) for found in labels]
    tables.refuse(file, table.index[wrong], f"has a label with {SEPARATOR}")
    tables.refuse(file, table.index[[not found or "" in found for found in labels]], "holds no label")
    table["labels"] = [SEPARATOR.join(sorted(set(found))) for found in labels]
    return table.drop(columns="label").rename(columns={"split": "given"})


def _kept(file, table, where):
    """The rows that the card wants."""
    for name, values in where.items():
        column = table[f"where {name}"]
        kept = column.isin([str(value) for value in (values if isinstance(values, list) else [values])])
        if not kept.any():
            there = ", ".join(map(repr, sorted(set(column.map(str)))[:10]))
            raise Stop(f"dataset file: where: {name} is {values!r}: no row of {file} is left; there are: {there}")
        table = table[kept]
    return table.copy()


def _parts(label, card):
    """The labels of a row, in any order."""
    if isinstance(label, str) and card.separator is None:
        return [label.strip()]
    parts = label if isinstance(label, list) else label.split(card.separator)
    return [part.strip() for part in parts if part.strip()]
