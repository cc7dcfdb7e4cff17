"""A table beside its recordings, as it is proposed from, and the keys that all its proposals begin with."""

import os
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from sourcewise.datasets import dialects, resolver, tables
from sourcewise.datasets.propose import columns
from sourcewise.datasets.propose.proposal import describe_sources, describe_split
from sourcewise.datasets.propose.text import some
from sourcewise.datasets.task import SEPARATOR


class Listed(NamedTuple):
    """root: the folder of the dataset; file: the table's path relative to it; names: of columns without titles, else
    None; lists: the columns that hold lists, here texts joined by "|"; path: what columns.paths found, None where no
    column holds paths."""

    root: Path
    file: str
    table: pd.DataFrame
    names: list | None
    lists: set
    path: tuple | None

    def keys(self, reader):
        """The keys of a reader of a table with a column of paths."""
        _, template, _, others = self.path
        comment = f"or {some(others)}: the files have these names in several folders" if others else ""
        return (
            {"reader": (reader, ""), "file": (self.file, "")} | self.names_key() | {"columns.path": (template, comment)}
        )

    def names_key(self):
        """The key of the columns' names, where the table has no titles."""
        return {"names": (self.names, "the table has no titles")} if self.names else {}


def of(file, root):
    """The Listed of a table `file` in or below the folder `root`."""
    found = resolver.Paths(resolver.listing(root).files, root, base=_relative(file.parent, root))
    is_parquet = file.suffix.lower() == tables.PARQUET
    rows = [] if is_parquet else [cells for _, cells in dialects.rows(file)]
    untitled = rows and not columns.has_titles(rows, found)
    title_names = tables.untitled(max(map(len, rows))) if untitled else None
    table = tables.whole(file, names=title_names)
    lists = {name for name in table if any(isinstance(value, list) for value in table[name])}
    table = table.map(lambda value: SEPARATOR.join(value) if isinstance(value, list) else value)
    path = columns.paths(table, found) if len(table) else None
    return Listed(root, _relative(file, root), table, title_names, lists, path)


def source_and_split(sources, split, path):
    """The keys of the columns of sources and of a published split. path: what is the source where none is known."""
    filled = [part._replace(values=part.values[part.values != ""]) for part in sources[:1]]
    keys = {"columns.source": ((sources[0].rule if sources else path), describe_sources(filled))}
    if split is not None:
        keys["columns.split"] = split.rule, describe_split(split)
    return keys


def _relative(path, root):
    return Path(os.path.relpath(path, root)).as_posix()
