"""What a figure shows, read as plotly.js reads it."""

from base64 import b64decode

import numpy as np


def cells(trace):
    """The values of a heat map, float64 (n_rows, n_columns)."""
    z = trace["z"]
    values = np.frombuffer(b64decode(z["bdata"]), "<" + z["dtype"])
    return values.reshape([int(n) for n in z["shape"].split(",")]).astype(float)


def along(trace, axis):
    """Where the cells of a heat map, or the points of a line, lie on "x" or "y"."""
    n = len(trace["y"]) if axis == "x" and "y" in trace else cells(trace).shape["yx".index(axis)]
    return trace[f"{axis}0"] + trace[f"d{axis}"] * np.arange(n)
