"""Columns of a Parquet file as text, read by a process of its own: of a damaged file its reader may crash.

    python _parquet.py FILE < [names of columns, or null for all]

writes {"columns": [all there are], "values": {name: [text, or a list of texts, a row]}} of those that are there.
"""

import json
import sys

import numpy as np
import pandas as pd


def main():
    """As above."""
    from fastparquet import ParquetFile  # says what is wrong on its standard output

    out, sys.stdout = sys.stdout, sys.stderr
    content = ParquetFile(sys.argv[1])
    named = json.load(sys.stdin)
    there = [name for name in content.columns if named is None or name in named]
    table = content.to_pandas(columns=there, index=False).astype(object).map(_text)
    json.dump({"columns": content.columns, "values": table.to_dict("list")}, out)


def _text(value):
    if isinstance(value, list | np.ndarray):
        return [str(part) for part in value]
    return "" if pd.isna(value) else str(value)


if __name__ == "__main__":
    main()
