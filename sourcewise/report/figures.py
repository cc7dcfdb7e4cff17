"""Figures of one classifier, and of all, for plotly.js: {"data": [...], "layout": {...}}.

The page sets the colours of background and text, dark or light. Plotly interprets some markup in texts, so that names
from the data go through `plots.text`.
"""

import numpy as np

from sourcewise.evaluation import curves
from sourcewise.report import plots

POINTS = 101  # of a curve
MAX_SOURCES = 200  # in a heat map
MAX_CURVES = 12  # classes; with more, their curves are hidden until selected in the legend


#: Colours of measures, alike for all folds.
LINES = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728")


def confusion(rows, classes):
    """The confusion matrix, coloured by the share of each actual class. rows: (actual, predicted, clips)."""
    counts = np.array([clips for _, _, clips in rows]).reshape(len(classes), len(classes))
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    names = [plots.text(name) for name in classes]
    trace = {
        "type": "heatmap",
        "x": names,
        "y": names,
        "z": np.round(shares, 3).tolist(),
        "text": counts.tolist(),
        "texttemplate": "%{text}" if len(classes) <= MAX_CURVES else "",
        "hovertemplate": "actual %{y}<br>predicted %{x}<br>%{text} clips, %{z:.0%} of the class<extra></extra>",
        "colorscale": plots.SCALE,
        "zmin": 0,
        "zmax": 1,
        "colorbar": {"title": {"text": "share"}},
    }
    across = {"title": {"text": "predicted"}, "type": "category"}
    return {"data": [trace], "layout": {"xaxis": across, "yaxis": across | _actual(), "margin": {"l": 110}}}


def _actual():
    return {"title": {"text": "actual"}, "autorange": "reversed"}


def roc(y_true, probabilities, classes):
    """ROC curves of each class against the others, and the micro average. y_true, probabilities: (n, n_classes)."""
    lines = [
        _line(name, *curves.roc(carried, p), visible)
        for name, carried, p, visible in _columns(y_true, probabilities, classes)
    ]
    chance = {"x": [0, 1], "y": [0, 1], "name": "chance", "mode": "lines", "line": {"dash": "dot", "color": "#888"}}
    return {"data": [chance, *lines], "layout": _square("false positive rate", "true positive rate")}


def precision_recall(y_true, probabilities, classes):
    """Precision-recall curves of each class, and the micro average. y_true, probabilities: (n, n_classes)."""
    lines = [
        _line(name, *curves.precision_recall(carried, p)[::-1], visible)
        for name, carried, p, visible in _columns(y_true, probabilities, classes)
    ]
    return {"data": lines, "layout": _square("recall", "precision")}


def _columns(y_true, probabilities, classes):
    """(name, y_true, probability, whether it is visible) of all classes at once, and of each with defined curves."""
    if 0 < y_true.mean() < 1:
        yield "all classes", y_true.ravel(), probabilities.ravel(), True
    for k, name in enumerate(classes):
        if 0 < y_true[:, k].mean() < 1:
            yield plots.text(name), y_true[:, k], probabilities[:, k], len(classes) <= MAX_CURVES


def _line(name, x, y, visible):
    at = np.unique(np.linspace(0, len(x) - 1, POINTS).round().astype(int))
    line = {"x": np.round(x[at], 4).tolist(), "y": np.round(y[at], 4).tolist(), "name": name, "mode": "lines"}
    return line | {"line": {"shape": "hv"}} | ({} if visible else {"visible": "legendonly"})


def calibration(bins):
    """A reliability diagram. bins: (predictions, mean confidence, accuracy)."""
    n, confidence, accuracy = (list(column) for column in zip(*bins, strict=True))
    size = np.round(8 + 24 * np.sqrt(np.array(n) / max(n)), 1).tolist()
    dots = {
        "x": confidence,
        "y": accuracy,
        "text": n,
        "name": "predictions",
        "mode": "lines+markers",
        "marker": {"size": size},
        "hovertemplate": "%{text} predictions<br>confidence %{x:.3f}<br>accuracy %{y:.3f}<extra></extra>",
    }
    ideal = {
        "x": [0, 1],
        "y": [0, 1],
        "name": "perfect calibration",
        "mode": "lines",
        "line": {"dash": "dot", "color": "#888"},
    }
    return {"data": [ideal, dots], "layout": _square("confidence", "accuracy")}


def learning(folds):
    """Learning curves of a network: [{measure: [value of each epoch]}] of each fold, a measure in one colour;
    accuracies have an axis of their own."""
    measures = [measure for measure in folds[0] if measure != "epoch"]
    lines = [
        {
            **{"y": np.round(history[measure], 4).tolist(), "name": measure.replace("_", " "), "mode": "lines"},
            **{"legendgroup": measure, "showlegend": fold == 0, "line": {"color": LINES[k % len(LINES)]}},
        }
        | ({"yaxis": "y2"} if "accuracy" in measure else {})
        for k, measure in enumerate(measures)
        for fold, history in enumerate(folds)
    ]
    layout = {
        "xaxis": {"title": {"text": "epoch"}},
        "yaxis": {"title": {"text": "loss"}},
        "yaxis2": {
            "title": {"text": "accuracy"},
            "overlaying": "y",
            "side": "right",
            "range": [0, 1],
            "showgrid": False,
        },
        "legend": {"orientation": "h", "y": 1.15},
    }
    return {"data": lines, "layout": layout}


def by_source(table, worst=MAX_SOURCES):
    """The scores of all classifiers on each source, a row a classifier. table: metrics/sources.csv; of more sources
    only the worst are drawn."""
    table = table.head(worst)
    names = list(table.columns[2:])
    cells = {
        "type": "heatmap",
        "x": [plots.text(source) for source in table["source"]],
        "y": names,
        "z": np.round(table[names].to_numpy(float).T, 3).tolist(),
        "hovertemplate": "%{y} on %{x}: %{z:.3f}<extra></extra>",
        "colorscale": plots.SCALE,
        "zmin": 0,
        "zmax": 1,
        "colorbar": {"title": {"text": "score"}},
    }
    axes = {
        "xaxis": {"title": {"text": "source"}, "type": "category"},
        "yaxis": {"type": "category", "autorange": "reversed"},
    }
    return {"data": [cells], "layout": axes | {"height": 160 + 20 * len(names), "margin": {"l": 130, "b": 90}}}


def intervals(scores):
    """The accuracies of all classifiers with their intervals, the first on top: [(name, {value, low, high})]."""
    names = [name for name, _ in scores]
    value = [score["value"] for _, score in scores]
    above = [round(score["high"] - score["value"], 4) if score["high"] is not None else 0 for _, score in scores]
    below = [round(score["value"] - score["low"], 4) if score["low"] is not None else 0 for _, score in scores]
    dots = {
        "x": value,
        "y": names,
        "mode": "markers",
        "marker": {"size": 9},
        "error_x": {"type": "data", "array": above, "arrayminus": below, "symmetric": False},
        "hovertemplate": "%{y}: %{x:.3f}<extra></extra>",
    }
    axes = {
        "xaxis": {"title": {"text": "accuracy on test sources, with 95 % CI"}, "range": [0, 1.02]},
        "yaxis": {"type": "category", "autorange": "reversed"},
    }
    return {"data": [dots], "layout": axes | {"height": 120 + 22 * len(names), "margin": {"l": 130}}}


def _square(x, y):
    ends = {"range": [-0.02, 1.02], "constrain": "domain"}
    return {"xaxis": {"title": {"text": x}} | ends, "yaxis": {"title": {"text": y}, "scaleanchor": "x"} | ends}
