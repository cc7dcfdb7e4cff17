"""Figures of a dataset: durations, loudness and zero-crossing rates by class, and the structure of its feature table.

`groups` is {class: row numbers}, in the order in which classes are shown.
"""

import numpy as np

from sourcewise.report.plots import Figure, axis, coloraxis, colour, layout, line, number, rounded, short, styles, text

BINS = 30
MAX_COLUMNS = 100  # in the correlation matrix
CLOSE = 0.9  # a correlation that is mentioned
SOFTEST = 1e-5  # RMS, -100 dB


def durations(seconds, groups):
    """Box plots of seconds, (n_clips,): median, quartiles, shortest and longest clip of each class."""
    quarters = {name: np.quantile(seconds[rows], [0, 0.25, 0.5, 0.75, 1]) for name, rows in groups.items()}
    low, q1, median, q3, high = np.array(list(quarters.values())).T
    fences = {"lowerfence": rounded(low, 3), "q1": rounded(q1, 3), "median": rounded(median, 3)}
    fences |= {"q3": rounded(q3, 3), "upperfence": rounded(high, 3), "y": [*range(len(groups))]}
    boxes = {"type": "box", "orientation": "h", "line": {"color": colour(0.55)}, "showlegend": False} | fences
    description = f"Clips last {low.min():.2f} to {high.max():.2f} s. {_span('median', groups, median, '{:.2f} s')}"
    names = {"tickvals": boxes["y"], "ticktext": [text(name) for name in groups], "autorange": "reversed"}
    axes = {"xaxis": axis("duration (s)", rangemode="tozero"), "yaxis": axis("class", **names)}
    return Figure("durations", "Durations by class", description, [boxes], layout(**axes, height=_height(groups)))


def levels(rms, groups):
    """Histograms of the loudness of clips, RMS (n_clips,) re full scale."""
    decibels = 20 * np.log10(np.maximum(rms, SOFTEST))
    labels = {"name": "rms", "title": "Loudness (RMS) by class", "axis_title": "RMS (dB re full scale)"}
    return _histograms(decibels, groups, "{:.1f} dB", **labels)


def crossings(rate, groups, *, sr):
    """Histograms of the zero-crossing rate, (n_clips,) per sample; sr: 0 where it is unknown."""
    unit = "per second" if sr else "per sample"
    labels = {"name": "zcr", "title": "Zero crossings (ZCR) by class", "axis_title": f"zero crossings ({unit})"}
    return _histograms(rate * (sr or 1), groups, f"{{:,.{0 if sr else 3}f}} {unit}", **labels)


def _histograms(values, groups, form, *, name, title, axis_title):
    """One histogram above the other on one scale, the bars on the line of their class."""
    edges = np.histogram_bin_edges(values[np.concatenate(list(groups.values()))], BINS)
    width = edges[1] - edges[0]
    shares = [100 * np.histogram(values[rows], edges)[0] / len(rows) for rows in groups.values()]
    highest, lines, data = max(share.max() for share in shares), list(range(len(groups)))[::-1], []
    for share, base in zip(shares, lines, strict=True):
        bars = {"type": "bar", "base": base, "y": rounded(0.9 * share / highest, 4), "showlegend": False}
        bars |= {"x0": number(edges[0] + width / 2, 6), "dx": number(width, 9), "marker": {"color": colour(0.55)}}
        data.append(bars | {"customdata": rounded(share, 1), "hovertemplate": "%{x}: %{customdata} %<extra></extra>"})
    classes = {"tickvals": lines, "ticktext": [text(label) for label in groups]}
    axes = {
        "xaxis": axis(axis_title),
        "yaxis": axis(f"class (bars: share of its clips, up to {highest:.0f} %)", **classes),
    }
    figure_layout = layout(**axes, barmode="overlay", bargap=0, height=_height(groups))
    description = _span("mean", groups, [values[rows].mean() for rows in groups.values()], form)
    return Figure(name, title, f"The distribution of the clips of each class. {description}", data, figure_layout)


def _height(groups):
    return 200 + 45 * len(groups)


def _span(statistic, groups, values, form):
    """A sentence with the lowest and the highest class."""
    names = [short(name) for name in groups]
    low, high = int(np.argmin(values)), int(np.argmax(values))
    if len(names) == 1:
        return f"The {statistic} is {form.format(values[0])}."
    ends = f"{form.format(values[low])} ({names[low]}) to {form.format(values[high])} ({names[high]})"
    return f"The {statistic} by class ranges from {ends}."


def correlation(x, names):
    """Pearson's r between the table's columns, x (n_clips, n_columns), as a heat map."""
    left_out = max(len(names) - MAX_COLUMNS, 0)
    x, names = x[:, :MAX_COLUMNS], names[:MAX_COLUMNS]
    with np.errstate(invalid="ignore", divide="ignore"):  # a constant column has no correlation
        r = np.atleast_2d(np.corrcoef(x, rowvar=False))
    upper = np.abs(np.where(np.triu(np.ones_like(r), 1) > 0, np.nan_to_num(r), 0))
    i, j = np.unravel_index(upper.argmax(), upper.shape)
    n_pairs = len(names) * (len(names) - 1) // 2
    description = f"Of {n_pairs:,} pairs of columns {np.sum(upper > CLOSE):,} have |r| > {CLOSE}"
    description += (
        f"; the strongest is between {short(names[i])} and {short(names[j])} ({r[i, j]:.3f})." if upper.any() else "."
    )
    description += f" The last {left_out} columns of the table are left out." if left_out else ""
    shown = [text(name) for name in names]
    if len(set(shown)) < len(shown):  # plotly would merge them
        shown = [f"{k}: {name}" for k, name in enumerate(shown, 1)]
    data = {"type": "heatmap", "z": [rounded(row, 2) for row in r], "x": shown, "y": shown, "coloraxis": "coloraxis"}
    column = axis("column of the table", type="category")
    axes = {"xaxis": column, "yaxis": column | {"autorange": "reversed"}}
    figure_layout = layout(**axes, coloraxis=coloraxis("r", -1, 1), height=650)
    return Figure("correlation", "Correlation of the feature table's columns", description, [data], figure_layout)


class Components:
    """Principal components of a table x, (n_clips, n_columns), scaled to mean 0 and standard deviation 1; scaling and
    components are fitted on the rows `train` only."""

    def __init__(self, x, train):
        self._x, self._n_train = x, len(train)
        mean, sd = x[train].mean(axis=0), x[train].std(axis=0)
        self._scale = mean, np.where(sd > 1e-12 * np.abs(mean), sd, 1)
        _, size, axes = np.linalg.svd(self._scaled(x[train]), full_matrices=False)
        sign = np.sign(np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1))
        self._axes, variance = sign * axes, size**2
        self._share = variance / (variance.sum() or 1)  # 0 where all rows of train are equal

    @property
    def _fitted(self):
        n = f"{self._n_train:,} train clips"
        return (
            f"Columns are scaled to mean 0 and standard deviation 1; scaling and components are fitted on the {n} only"
        )

    def cumulative(self):
        """The cumulative explained variance of the first components."""
        explained = 100 * np.cumsum(self._share)
        need = [
            f"the first {int(np.searchsorted(explained, p - 1e-6)) + 1} explain {p} %"
            for p in (80, 95)
            if explained[-1] > p
        ]
        description = f"Of {len(explained)} components, {' and '.join(need)} of the variance. " if need else ""
        points = line(explained, x0=1, digits=2) | {"mode": "lines+markers", "line": {"color": colour(0.55)}}
        axes = {"xaxis": axis("components"), "yaxis": axis("cumulative explained variance (%)", range=[0, 102])}
        title = "Principal components: cumulative explained variance"
        return Figure("pca", title, f"{description}{self._fitted}.", [points], layout(**axes))

    @property
    def has_three(self):
        """Whether there are three to draw."""
        return len(self._share) >= 3

    def scatter(self, groups, *, points, seed):
        """The clips of the groups on the first three components, at most `points` of them, sampled at random."""
        shown = np.unique(np.concatenate(list(groups.values())))
        drawn = np.random.default_rng(seed).permutation(shown)[:points]
        data = []
        for (label, rows), (shade, symbol) in zip(groups.items(), styles(len(groups)), strict=True):
            columns = self._projected(rows[np.isin(rows, drawn)]).T
            xyz = {name: rounded(column, 2) for name, column in zip("xyz", columns, strict=True)}
            marker = {"size": 3, "color": shade, "symbol": symbol, "opacity": 0.8}
            data.append({"type": "scatter3d", "mode": "markers", "name": text(label), "marker": marker} | xyz)
        share = 100 * self._share[:3]
        some = " (a random sample)" if len(drawn) < len(shown) else ""
        description = (
            f"Each point is a clip, {len(drawn):,} of {len(shown):,}{some}. "
            f"The three components explain {share.sum():.0f} % of the table's variance. {self._fitted}. Drag to rotate."
        )
        scene = {f"{a}axis": axis(f"component {k + 1} ({share[k]:.0f} %)") for k, a in enumerate("xyz")}
        scene["camera"] = {"eye": {"x": 1.8, "y": 1.8, "z": 0.9}}
        return Figure("components", "The first three components", description, data, layout(scene=scene, height=600))

    def _projected(self, rows):
        return self._scaled(self._x[rows]) @ self._axes[:3].T

    def _scaled(self, x):
        return (x - self._scale[0]) / self._scale[1]


def cepstral_scale(table, n_frames, n):
    """Mean and standard deviation of the first n MFCC over all frames of these rows of the feature table, (n,) each.

    n_frames: (n_clips,). From the mean and variance of each clip, by the law of total variance.
    """
    mean, var = ([f"mfcc{k}_{kind}" for k in range(1, n + 1)] for kind in ("mean", "var"))
    means, weights = table[mean].to_numpy(), n_frames / n_frames.sum()
    centre = weights @ means
    return centre, np.sqrt(weights @ (table[var].to_numpy() + (means - centre) ** 2))
