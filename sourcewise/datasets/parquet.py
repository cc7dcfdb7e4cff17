"""Columns of a Parquet file as text, read in a separate process, as the reader may crash on a damaged file.

    python parquet.py FILE < [names of columns, or null for all]

writes {"columns": [all names], "values": {name: [text, or a list of texts, per row]}} of those that exist.
"""

import json
import sys

import numpy as np
import pandas as pd


def main():
    """As above."""
    from fastparquet import ParquetFile  # reports errors on its standard output

    out, sys.stdout = sys.stdout, sys.stderr
    content = ParquetFile(sys.argv[1])
    named = json.load(sys.stdin)
    present = [name for name in content.columns if named is None or name in named]
    table = content.to_pandas(columns=present, index=False).astype(object).map(_text)
    json.dump({"columns": content.columns, "values": table.to_dict("list")}, out)


def _text(value):
    if isinstance(value, list | np.ndarray):
        return [str(part) for part in value]
    return "" if pd.isna(value) else str(value)


if __name__ == "__main__":
    main()
