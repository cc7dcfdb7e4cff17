"""Text tables that come with a dataset: read with the numbers of their lines, columns taken as the card names them."""

import csv
import re

import pandas as pd

from stages.core.stop import Stop


def inside(root, name, key="file"):
    """The file `name` of a dataset; one that is not there, or lies elsewhere, stops the run."""
    file = root / name
    if not file.resolve().is_relative_to(root.resolve()) or not file.is_file():
        raise Stop(f"card: {key} is {name!r}: there is no such file in {root}")
    return file


def read(file, *, names=None, delimiter=None):
    """A CSV in UTF-8 as strings, the index the number of each row's line; empty rows are left out.

    names: of the columns, where the file has no line that names them. delimiter: None for that of comma, semicolon and
    tab which the first line has most of. Between tabs, quotes are signs like others, as in Common Voice's sentences.
    """
    try:
        with open(file, encoding="utf-8-sig", newline="") as stream:
            first = stream.readline()
            stream.seek(0)
            delimiter = delimiter or max(",;\t", key=first.count)
            quoting = csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL
            lines = csv.reader(stream, delimiter=delimiter, quoting=quoting, strict=True)
            rows = [(lines.line_num, row) for row in lines if any(row)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise Stop(f"{file} cannot be read as a CSV in UTF-8: {error}") from None
    if names is None:
        if not rows:
            raise Stop(f"{file} cannot be read as a CSV: it is empty")
        names = [name.strip() for name in rows.pop(0)[1]]
    refuse(file, [line for line, row in rows if len(row) > len(names)], f"has more than {len(names)} columns")
    filled = [row + [""] * (len(names) - len(row)) for _, row in rows]
    return pd.DataFrame(filled, columns=names, index=[line for line, _ in rows], dtype=object)


def columns(file, table, wanted):
    """The columns of a table under the names of the keys of `wanted`, whose values say which: the name of a column, or
    a text with several in curly brackets, as in 'fold{fold}/{name}'."""
    pieces = {key: re.split(r"\{([^{}]*)\}", text) if "{" in text else ["", text, ""] for key, text in wanted.items()}
    named = [name for parts in pieces.values() for name in parts[1::2]]
    missing = sorted(set(named) - set(table.columns))
    if missing:
        raise Stop(f"{file} has no column {', '.join(missing)}; it has: {', '.join(table.columns)}")
    twice = sorted({name for name in named if list(table.columns).count(name) > 1})
    if twice:
        raise Stop(f"{file} has more than one column {', '.join(twice)}")
    return pd.DataFrame({key: _filled(table, parts) for key, parts in pieces.items()}, index=table.index, dtype=object)


def _filled(table, parts):
    """Text, column, text, column, ... text, one behind the other."""
    if parts == ["", parts[1], ""]:
        return table[parts[1]]
    values = [table[part] if k % 2 else [part] * len(table) for k, part in enumerate(parts)]
    return ["".join(row) if all(row[1::2]) else "" for row in zip(*values, strict=True)]


def refuse(file, lines, what):
    """Stop with the numbers of the lines that something is wrong with, if there are any."""
    lines = list(lines)
    if lines:
        shown = ", ".join(map(str, lines[:10]))
        raise Stop(f"{file}: {len(lines)} row{'s' * (len(lines) > 1)} (line {shown}): {what}")
