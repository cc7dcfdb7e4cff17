"""A CSV or Parquet file that lists the recordings, one row a file; the dataset file names its columns."""

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
    the dataset comes with a split. Names in curly brackets join several columns: 'fold{fold}/{name}.wav'."""

    path: str
    label: str
    source: str
    split: str | None = None


class DatasetFile(dataset_file.DatasetFile):
    """`file`: in the dataset's folder, a CSV in UTF-8 or, by its suffix, Parquet. delimiter: of a CSV's columns; null:
    guessed.

    separator: between several labels of a clip; lists in Parquet need none. where: only rows whose columns hold one
    of these values are read. rename: from labels to other names; other labels stay.
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


def read(root, keys):
    """The rows of the file as Recordings; paths are relative to the dataset's folder."""
    return [Recording(**row) for row in rows(root, keys).to_dict("records")]


def rows(root, keys):
    """The same as a DataFrame; its index is each row's line number in the file."""
    file = tables.inside(root, keys.file)
    wanted = keys.columns.model_dump(exclude_none=True)
    table = tables.read(file, wanted | {f"where {name}": name for name in keys.where}, delimiter=keys.delimiter)
    table = _kept(file, table, keys.where)[list(wanted)]
    for key in wanted.keys() - {"label"}:
        tables.refuse(file, table.index[[isinstance(value, list) for value in table[key]]], f"has a list as its {key}")
    table["path"] = [posixpath.normpath(path) if path else path for path in table["path"]]
    tables.refuse(file, table.index[table["path"].duplicated()], "names a file that an earlier row names")
    labels = [[keys.rename.get(label, label) for label in _parts(value, keys)] for value in table["label"]]
    lacking = "lacks a path, a label or a source" + ", or a part" * ("split" in table)
    blank = table.drop(columns="label").apply(lambda column: column.str.strip().eq("")).any(axis=1)
    tables.refuse(file, table.index[blank | table["label"].eq("")], lacking)
    wrong = [any(SEPARATOR in label for label in names) for names in labels]
    tables.refuse(file, table.index[wrong], f"has a label with {SEPARATOR}")
    tables.refuse(file, table.index[[not names or "" in names for names in labels]], "holds no label")
    table["labels"] = [SEPARATOR.join(sorted(set(names))) for names in labels]
    return table.drop(columns="label").rename(columns={"split": "given"})


def _kept(file, table, where):
    """The rows whose columns hold one of the wanted values."""
    for name, values in where.items():
        column = table[f"where {name}"]
        kept = column.isin([str(value) for value in (values if isinstance(values, list) else [values])])
        if not kept.any():
            present = ", ".join(map(repr, sorted(set(column.map(str)))[:10]))
            raise Stop(f"dataset file: where: {name} is {values!r}: no row of {file} has it; its values are: {present}")
        table = table[kept]
    return table.copy()


def _parts(label, keys):
    """The labels of a row, unsorted."""
    if isinstance(label, str) and keys.separator is None:
        return [label.strip()]
    parts = label if isinstance(label, list) else label.split(keys.separator)
    return [part.strip() for part in parts if part.strip()]
