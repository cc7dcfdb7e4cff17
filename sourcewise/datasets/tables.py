"""Tables that come with a dataset: the columns that its dataset file names, indexed by line number."""

import json
import os
import re
import subprocess
import sys

import pandas as pd

from sourcewise.core.errors import Stop, count
from sourcewise.core.paths import escapes
from sourcewise.datasets import dialects, parquet

PARQUET = ".parquet"
ROWS = (PARQUET, ".xlsx", ".json")  # files whose rows are not lines
COMMA = re.compile(r"\s*[-+]?\d*,?\d+(?:[eE][-+]?\d+)?\s*")  # a number with a decimal comma, or a whole one
CLOCK = re.compile(r"(?:\d+:)?\d+:\d\d(?:[.,]\d+)?")
MAGIC = b"PAR1"  # the first and last bytes of a Parquet file


def inside(root, name, key="file"):
    """The path of the file `name` of a dataset; Stop where it does not exist or lies outside."""
    file = root / name
    if escapes(file, root) or not file.is_file():
        raise Stop(f"dataset file: {key} is {name!r}: there is no such file in {root}")
    return file


def read(file, wanted, *, names=None, delimiter=None):
    """Columns of a table, see dialects.py, or of a Parquet file, as strings, indexed by line number (row number in
    Parquet and Excel).

    wanted: {new name: column}; a text with names in curly brackets joins several, as in 'fold{fold}/{name}'. names: of
    the columns, where the table has no titles. delimiter: of a CSV; None: guessed. Empty rows are left out. Lists in
    Parquet and JSON stay lists.
    """
    templates = {
        key: re.split(r"\{([^{}]*)\}", text) if "{" in text else ["", text, ""] for key, text in wanted.items()
    }
    named = list(dict.fromkeys(name for parts in templates.values() for name in parts[1::2]))
    table = _parquet(file, named) if file.suffix.lower() == PARQUET else _titled(file, names, delimiter)
    _stop_if_missing(file, named, list(table.columns))
    return pd.DataFrame(
        {key: _joined(table, parts) for key, parts in templates.items()}, index=table.index, dtype=object
    )


def pairs(file):
    """A CSV as a dict from its first column to its second."""
    table = _titled(file, None, None)
    if table.shape[1] < 2:
        raise Stop(
            f"{file} has {table.shape[1]} column, needs two: what is read from the path, and the name it stands for"
        )
    key, value = table.iloc[:, 0], table.iloc[:, 1]
    refuse(file, table.index[(key == "") | (value == "")], "lacks a value in the first or the second column")
    refuse(file, table.index[key.duplicated()], "repeats the first column of an earlier row")
    return dict(zip(key, value, strict=True))


def whole(file, *, names=None, delimiter=None):
    """All columns of such a file, under their own names, which must be unique."""
    table = _parquet(file, None) if file.suffix.lower() == PARQUET else _titled(file, names, delimiter)
    _stop_if_missing(file, list(table.columns), list(table.columns))
    return table


def untitled(n):
    """Names for n columns without titles."""
    return [f"column {k + 1}" for k in range(n)]


def with_points(column):
    """A column of texts in which decimal commas are points: where all are numbers with at most one comma and none has a
    point; any other column as it is."""
    filled = [text for text in column if text != ""]
    if not any("," in text for text in filled) or not all(map(COMMA.fullmatch, filled)):
        return column
    return column.str.replace(",", ".")


def is_clock(column):
    """Whether all texts of a column are times such as 1:23.5 or 0:01:23.5, or nothing."""
    filled = [text.strip() for text in column if text.strip()]
    return bool(filled) and all(map(CLOCK.fullmatch, filled))


def seconds(column):
    """A column of numbers, or of times such as 1:23.5, as numbers; NaN where a text is none."""
    if is_clock(column):
        parts = column.str.strip().str.replace(",", ".").str.split(":")
        return parts.map(lambda parts: sum(float(part or "nan") * 60**k for k, part in enumerate(reversed(parts))))
    return pd.to_numeric(with_points(column), errors="coerce").astype(float)


def _titled(file, names, delimiter):
    """The table with its first row as titles, or with these names. Columns without a title and without a value are left
    out, others get the name `column 3`; lines above the titles that fill one cell only are headings."""
    rows = dialects.rows(file, delimiter)
    if names is None:
        first_wide = next((k for k, (_, row) in enumerate(rows) if _n_filled(row) > 1), 0)
        rows = rows[first_wide:]
        if not rows:
            raise Stop(f"{file} cannot be read as a CSV: it is empty")
        names = [name.strip() if isinstance(name, str) else "" for name in rows.pop(0)[1]]
        if rows and all(row[0] == str(k) and len(row) == len(names) + 1 for k, (_, row) in enumerate(rows, 1)):
            names = ["", *names]  # R's numbers of rows have no title
        names = [name or default for name, default in zip(names, untitled(len(names)), strict=True)]
    refuse(file, [line for line, row in rows if len(row) > len(names)], f"has more than {len(names)} columns")
    filled = [row + [""] * (len(names) - len(row)) for _, row in rows]
    return pd.DataFrame(filled, columns=names, index=[line for line, _ in rows], dtype=object)


def _n_filled(cells):
    return sum(cell != "" for cell in cells)


def _parquet(file, named):
    """Only these columns (None: all), as others may hold the audio itself."""
    start = dialects.beginning(file)[:4]
    with open(file, "rb") as stream:
        stream.seek(-min(4, file.stat().st_size), os.SEEK_END)
        if (start, stream.read()) != (MAGIC, MAGIC):
            raise Stop(f"{file} cannot be read as Parquet: it is another format, or incomplete")
    command = [sys.executable, parquet.__file__, os.path.abspath(file)]
    done = subprocess.run(command, input=json.dumps(named), capture_output=True, text=True)
    if done.returncode:
        raise Stop(f"{file} cannot be read as Parquet: it is damaged")
    content = json.loads(done.stdout)
    _stop_if_missing(file, content["columns"] if named is None else named, content["columns"])
    table = pd.DataFrame(content["values"], dtype=object)
    return table.set_axis(range(1, len(table) + 1))


def _stop_if_missing(file, named, present):
    missing = sorted(set(named) - set(present))
    if missing:
        raise Stop(f"{file} has no column {', '.join(missing)}; it has: {', '.join(present)}")
    twice = sorted(name for name in named if present.count(name) > 1)
    if twice:
        raise Stop(f"{file} has several columns {', '.join(twice)}")


def _joined(table, parts):
    """Texts and columns, which alternate in `parts`, joined row by row."""
    if len(parts) == 3 and not parts[0] + parts[2]:
        return table[parts[1]]
    values = [table[part] if k % 2 else [part] * len(table) for k, part in enumerate(parts)]
    return ["".join(row) if all(row[1::2]) else "" for row in zip(*values, strict=True)]  # with a part missing, all is


def refuse(file, lines, fault):
    """Stop with the numbers of the faulty lines, if there are any."""
    lines = list(lines)
    if lines:
        shown = ", ".join(map(str, lines[:10]))
        unit = "row" if file.suffix.lower() in ROWS else "line"
        raise Stop(f"{file}: {count(len(lines), 'row')} ({unit} {shown}): {fault}")
