"""A table that lists the recordings, one row a file; the dataset file names its columns."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from sourcewise.core import messages
from sourcewise.core.errors import Stop, count
from sourcewise.core.params import Section
from sourcewise.datasets import dataset_file, dialects, resolver, tables
from sourcewise.datasets.dataset_file import Recording
from sourcewise.datasets.task import SEPARATOR

LISTS = "[]"  # as a separator: cells hold lists
PRESENT = {"1", "1.0", "true", "t", "yes", "y", "x", "wahr", "vrai", "verdadero"}  # the last three are Excel's
ABSENT = {"0", "0.0", "false", "f", "no", "n", "", "falsch", "faux", "falso"}


def _is_label(value):
    if isinstance(value, str) or (isinstance(value, list) and len(value) > 1 and all(map(_is_text, value))):
        return value
    raise ValueError("must be a column, or a list of two or more, one for each class")


def _is_wanted(value):
    if all(_is_text(one) or (isinstance(one, int) and not isinstance(one, bool)) for one in _listed_values(value)):
        return value
    raise ValueError("must be a text or a whole number, or a list of them")


def _is_text(value):
    return isinstance(value, str)


def _listed_values(value):
    return value if isinstance(value, list) else [value]


#: The column that holds the labels, or a column for each class.
Label = Annotated[str | list[str], BeforeValidator(_is_label)]


class Columns(Section):
    """The names of the columns that hold path, label and source, and `split`, the part or the number of the fold, where
    the dataset comes with a split. Names in curly brackets join several columns: 'fold{fold}/{name}.wav'.

    label: or several columns, one a class, with 1 or True in the rows of recordings that have it, and 0 or False, or
    nothing, in others.
    """

    path: str
    label: Label
    source: str
    split: str | None = None


class DatasetFile(dataset_file.DatasetFile):
    """`file`: in the dataset's folder, a table in any of the forms that dialects.py reads or, by its suffix, Parquet.
    delimiter: of a CSV's columns; null: guessed. names: of the columns, where the table has no titles.

    separator: between several labels of a clip; '[]' where cells hold lists, as Python, JSON or numpy write them; lists
    in Parquet and JSON need none. several_rows: a recording may have several rows, and has the labels of all of them.
    where: only rows whose columns hold one of these values are read. missing: rows of recordings that are not there are
    `left_out`, and so are rows without a path, label or source; null: the former are rejected, the latter stop the run.
    rename: from labels to other names; other labels stay.
    """

    file: str
    columns: Columns
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    names: Annotated[list[str], Field(min_length=2)] | None = None
    separator: Annotated[str, Field(min_length=1)] | None = None
    several_rows: bool = False
    missing: Literal["left_out"] | None = None
    where: dict[str, Annotated[str | int | list[str | int], BeforeValidator(_is_wanted)]] = Field(default_factory=dict)
    rename: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_form_of_labels(self):
        if self.separator is not None and isinstance(self.columns.label, list):
            raise ValueError("columns.label names a column for each class, so separator must not be set")
        return self

    @property
    def gives_split(self):
        """As in the base."""
        return super().gives_split or self.columns.split is not None


def read(root, keys):
    """The rows of the table as Recordings; whatever a path is relative to, its file is found as by resolver.Paths."""
    file, table = _listed(root, keys)
    paths = resolver.Paths(resolver.listing(root).files, root, base=_folder(keys.file))
    table["path"] = found(file, table["path"], paths)
    if keys.missing is not None:
        table = present(file, table, paths.files)
    return [Recording(**row) for row in _merged(file, table, keys).to_dict("records")]


def rows(root, keys):
    """The same as a DataFrame, where paths are any unique names; its index is each row's line number in the file."""
    file, table = _listed(root, keys)
    return _merged(file, table, keys)


def _listed(root, keys):
    """(file, its rows), checked, labels as they are written in the manifest."""
    file = tables.inside(root, keys.file)
    wanted = keys.columns.model_dump(exclude_none=True)
    several = wanted.pop("label") if isinstance(keys.columns.label, list) else []
    columns = wanted | {f"label {name}": name for name in several} | {f"where {name}": name for name in keys.where}
    table = tables.read(file, columns, names=keys.names, delimiter=keys.delimiter)
    if "path" not in table:  # the reader `table` allows it
        table["path"] = [str(k) for k in range(1, len(table) + 1)]
    if "source" not in table:
        table["source"] = table["path"]
    table = _kept(file, table, keys.where)
    labels = of_columns(file, table, several) if several else split(table["label"], keys.separator)
    labels = [[keys.rename.get(label, label) for label in names] for names in labels]
    lacks_label = False if several else table["label"].map(lambda value: value == "")
    table = table[[name for name in ("path", "source", "split") if name in table]]
    for key in table:
        tables.refuse(file, table.index[[isinstance(value, list) for value in table[key]]], f"has a list as its {key}")
    lacking = "lacks a path, a label or a source" + ", or a part" * ("split" in table)
    blank = table.apply(lambda column: column.str.strip().eq("")).any(axis=1)
    if keys.missing is not None:
        kept = ~(blank | lacks_label)
        table, labels = table[kept], [names for names, is_kept in zip(labels, kept, strict=True) if is_kept]
    else:
        tables.refuse(file, table.index[blank | lacks_label], lacking)
    wrong = [any(SEPARATOR in label for label in names) for names in labels]
    tables.refuse(file, table.index[wrong], f"has a label with {SEPARATOR}")
    empty = [(not several and not names) or "" in names for names in labels]
    tables.refuse(file, table.index[empty], "holds no label")
    table["labels"] = [SEPARATOR.join(sorted(set(names))) for names in labels]
    return file, table.rename(columns={"split": "given"})


def _folder(name):
    return name.replace("\\", "/").rpartition("/")[0] or "."


def found(file, texts, paths):
    """The path of the file that each text of the table `file` means, found by resolver.Paths; Stop where that may be
    one of several."""
    some = {text: paths.find(text) for text in dict.fromkeys(texts)}
    unclear = [line for line, text in texts.items() if len(some[text]) > 1]
    if unclear:
        several = ", ".join(some[texts[unclear[0]]][:3])
        fault = f"names a file that may be any of {several}: join the column of the folder's name in columns.path"
        tables.refuse(file, unclear, fault)
    other = [(text, files[0]) for text, files in some.items() if files and text != files[0]]
    if other:
        text, path = other[0]
        messages.info(f"{count(len(other), 'path')} of {file} found under another one, as {text!r} as {path!r}")
    return [paths.one(text) for text in texts]


def present(file, table, paths):
    """The rows whose path is one of these; how many are left out is reported."""
    known = table["path"].isin(set(paths))
    if not known.all():
        messages.info(f"left out {count((~known).sum(), 'row')} of {file} of recordings that are not there")
    return table[known]


def _merged(file, table, keys):
    """One row a recording."""
    again = table["path"].duplicated()
    if not keys.several_rows:
        tables.refuse(file, table.index[again], "names a file that an earlier row names")
        return table
    for key in set(table) - {"path", "labels"}:
        first = table.groupby("path")[key].transform("first")
        tables.refuse(file, table.index[table[key] != first], f"has another {key} than its recording's first row")
    joined = table.groupby("path")["labels"].agg(_union)
    return table[~again].assign(labels=lambda first: first["path"].map(joined))


def _union(labels):
    names = {name for some in labels for name in some.split(SEPARATOR)}
    return SEPARATOR.join(sorted(names - {""}))


def of_columns(file, table, names):
    """The labels of each row where each class has a column, here `label <class>`: a list of lists."""
    values = {name: table[f"label {name}"].map(lambda value: str(value).strip().lower()) for name in names}
    for name, column in values.items():
        wrong = column.index[~column.isin(PRESENT | ABSENT)]
        tables.refuse(file, wrong, f"has neither 1 nor 0, True nor False, in column {name}")
    return [[name for name in names if values[name][line] in PRESENT] for line in table.index]


def _kept(file, table, where):
    """The rows whose columns hold one of the wanted values."""
    for name, values in where.items():
        column = table[f"where {name}"]
        kept = column.isin([str(value) for value in _listed_values(values)])
        if not kept.any():
            present = ", ".join(map(repr, sorted(set(column.map(str)))[:10]))
            raise Stop(f"dataset file: where: {name} is {values!r}: no row of {file} has it; its values are: {present}")
        table = table[kept]
    return table.copy()


def split(cells, separator):
    """The labels of each cell, a list of lists. separator: as in a DatasetFile."""
    return [[part.strip() for part in _parts(cell, separator) if part.strip()] for cell in cells]


def _parts(cell, separator):
    if isinstance(cell, list):
        return cell
    if separator == LISTS:
        parts = dialects.items(cell)
        return [cell] if parts is None else parts
    return [cell] if separator is None else cell.split(separator)
