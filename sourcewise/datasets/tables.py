"""Tables that come with a dataset: columns taken as the card names them, with the numbers of their lines."""

import csv
import json
import os
import re
import subprocess
import sys

import pandas as pd

from sourcewise.core.errors import Stop
from sourcewise.core.paths import escapes
from sourcewise.datasets import parquet

PARQUET = ".parquet"
MAGIC = b"PAR1"  # what such a file begins and ends with


def inside(root, name, key="file"):
    """The file `name` of a dataset; one that is not there, or lies elsewhere, stops the run."""
    file = root / name
    if escapes(file, root) or not file.is_file():
        raise Stop(f"dataset file: {key} is {name!r}: there is no such file in {root}")
    return file


def read(file, wanted, *, names=None, delimiter=None):
    """Columns of a CSV in UTF-8 or of a Parquet file, strings, the index the number of each row's line (of its row).

    wanted: what to call a column, and which it is: its name, or a text that names several in curly brackets, as in
    'fold{fold}/{name}'. names: of the columns, where a CSV has no line that names them. delimiter: None for that of
    comma, semicolon and tab which the first line has most of; between tabs quotes are signs like others, as in Common
    Voice's sentences. Empty rows are left out. What Parquet holds as a list stays one.
    """
    pieces = {key: re.split(r"\{([^{}]*)\}", text) if "{" in text else ["", text, ""] for key, text in wanted.items()}
    named = list(dict.fromkeys(name for parts in pieces.values() for name in parts[1::2]))
    table = _parquet(file, named) if file.suffix.lower() == PARQUET else _csv(file, names, delimiter)
    _stop_if_missing(file, named, list(table.columns))
    return pd.DataFrame({key: _filled(table, parts) for key, parts in pieces.items()}, index=table.index, dtype=object)


def pairs(file):
    """A CSV whose first column tells the second, as a dict."""
    table = _csv(file, None, None)
    if table.shape[1] < 2:
        raise Stop(
            f"{file} has {table.shape[1]} column: the first must hold what is read from the path, the second its name"
        )
    key, value = table.iloc[:, 0], table.iloc[:, 1]
    refuse(file, table.index[(key == "") | (value == "")], "lacks what is in the first column, or in the second")
    refuse(file, table.index[key.duplicated()], "has in its first column what an earlier row has")
    return dict(zip(key, value, strict=True))


def whole(file, *, delimiter=None):
    """All columns of such a file, under their own names; each name stands there once."""
    table = _parquet(file, None) if file.suffix.lower() == PARQUET else _csv(file, None, delimiter)
    _stop_if_missing(file, list(table.columns), list(table.columns))
    return table


def _csv(file, names, delimiter):
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


def _parquet(file, named):
    """Only these columns (None: all): others may hold the sound itself."""
    with open(file, "rb") as stream:
        start = stream.read(4)
        stream.seek(-min(4, file.stat().st_size), os.SEEK_END)
        if (start, stream.read()) != (MAGIC, MAGIC):
            raise Stop(f"{file} cannot be read as Parquet: it is another kind of file, or part of one")
    command = [sys.executable, parquet.__file__, os.path.abspath(file)]
    done = subprocess.run(command, input=json.dumps(named), capture_output=True, text=True)
    if done.returncode:
        raise Stop(f"{file} cannot be read as Parquet: it is damaged")
    found = json.loads(done.stdout)
    _stop_if_missing(file, found["columns"] if named is None else named, found["columns"])
    table = pd.DataFrame(found["values"], dtype=object)
    return table.set_axis(range(1, len(table) + 1))


def _stop_if_missing(file, named, there):
    missing = sorted(set(named) - set(there))
    if missing:
        raise Stop(f"{file} has no column {', '.join(missing)}; it has: {', '.join(there)}")
    twice = sorted(name for name in named if there.count(name) > 1)
    if twice:
        raise Stop(f"{file} has more than one column {', '.join(twice)}")


def _filled(table, parts):
    """Text, column, text, column, ... text, one behind the other."""
    if len(parts) == 3 and not parts[0] + parts[2]:
        return table[parts[1]]
    values = [table[part] if k % 2 else [part] * len(table) for k, part in enumerate(parts)]
    return ["".join(row) if all(row[1::2]) else "" for row in zip(*values, strict=True)]  # incomplete is missing


def refuse(file, lines, what):
    """Stop with the numbers of the lines that something is wrong with, if there are any."""
    lines = list(lines)
    if lines:
        shown = ", ".join(map(str, lines[:10]))
        where = "row" if file.suffix.lower() == PARQUET else "line"
        raise Stop(f"{file}: {len(lines)} row{'s' * (len(lines) > 1)} ({where} {shown}): {what}")
