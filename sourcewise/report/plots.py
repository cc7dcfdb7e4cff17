"""Axes, lines and heat maps for plotly.js as plain dicts; one colour map for all figures.

The page sets the colours of background and text, dark or light. The cells of most heat maps are base64 (plotly.js'
`bdata`), a third of the size of their digits.
"""

import html
from base64 import b64encode
from typing import NamedTuple

import cv2
import numpy as np

from sourcewise.audio.mel_image import colours
from sourcewise.core.markdown import short

ROWS, COLUMNS = 128, 256  # cells of a heat map at most
_MAGMA = colours("magma")
#: The colour map magma, which plotly.js lacks.
SCALE = [[k / 16, "rgb({},{},{})".format(*_MAGMA[round(k * 255 / 16)])] for k in range(17)]
_SYMBOLS = ["circle", "diamond", "square", "cross", "x"]


class Figure(NamedTuple):
    """One figure: its name, part of a file's name; a title; a description; plotly's data and layout."""

    name: str
    title: str
    text: str
    data: list
    layout: dict


def text(name):
    """A short name, escaped: plotly interprets <b>, <a href> and &amp; in texts as HTML."""
    return html.escape(short(name), quote=False)


def axis(title, **more):
    """An axis with its title, which includes the unit."""
    return {"title": {"text": title, "standoff": 8}, "automargin": True} | more


def layout(**axes):
    """A layout of axes by plotly's names; the legend is below, where a phone has room."""
    return {"margin": {"t": 30, "r": 20}, "legend": {"orientation": "h", "y": -0.25, "itemsizing": "constant"}, **axes}


def beside():
    """Domains of two axes side by side, with room between them for numbers on a phone."""
    return {"domain": [0, 0.38]}, {"domain": [0.62, 1]}


def line(y, *, x0=0.0, dx=1.0, digits=4, **more):
    """A line through equidistant points, (n,); in the legend where it has a name."""
    options = {"type": "scatter", "mode": "lines", "line": {"width": 1, "color": colour(0.55)}}
    options["showlegend"] = "name" in more
    return options | {"x0": number(x0, 6), "dx": number(dx, 9), "y": rounded(y, digits)} | more


def heat(values, *, x, y, digits=0, **more):
    """A heat map of values (n_rows, n_columns), the first row at the bottom; x, y: positions of the outer edges."""
    values = np.round(values, digits)
    dtype = "f4" if digits else "i1" if np.abs(values).max() < 128 else "i2"
    z = {"dtype": dtype, "bdata": b64encode(values.astype(f"<{dtype}").tobytes()).decode()}
    z["shape"] = ",".join(map(str, values.shape))
    axes = {}
    for name, (low, high), cells in (("x", x, values.shape[1]), ("y", y, values.shape[0])):
        step = (high - low) / cells
        axes |= {f"{name}0": number(low + step / 2, 6), f"d{name}": number(step, 9)}
    return {"type": "heatmap", "z": z, **axes, "coloraxis": "coloraxis"} | more


def coloraxis(unit, low, high, *, above=None):
    """The colour axis of heat maps, from low to high; its bar on the right, or above an axis' domain."""
    bar = {"title": {"text": unit}, "thickness": 12}
    if above:
        start, end = above["domain"]
        bar |= {"orientation": "h", "x": (start + end) / 2, "len": end - start, "y": 1.02, "yanchor": "bottom"}
    return {"colorscale": SCALE, "cmin": number(low, 2), "cmax": number(high, 2), "colorbar": bar}


def reduced(values, *, rows=ROWS, columns=COLUMNS):
    """Means of neighbouring cells, so that no more rows and columns are left; float32."""
    size = min(columns, values.shape[1]), min(rows, values.shape[0])
    return cv2.resize(np.ascontiguousarray(values, np.float32), size, interpolation=cv2.INTER_AREA)


def colour(share):
    """The colour at a share, 0 to 1, of the map."""
    return "rgb({},{},{})".format(*_MAGMA[round(share * 255)])


def styles(n):
    """n pairs (colour, symbol); the colours are legible on black and on white."""
    shares = np.linspace(0.42, 0.75, n) if n > 1 else [0.55]
    return [(colour(share), _SYMBOLS[k % len(_SYMBOLS)]) for k, share in enumerate(shares)]


def rounded(values, digits):
    """Numbers as a list, the same on every machine; None where not finite."""
    return [number(value, digits) for value in np.asarray(values, np.float64)]


def number(value, digits):
    """One number rounded; None where it is not finite."""
    value = round(float(value), digits) + 0.0  # no negative zero
    return None if not np.isfinite(value) else int(value) if value.is_integer() else value
