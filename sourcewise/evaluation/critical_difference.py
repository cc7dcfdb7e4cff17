"""The critical difference diagram: mean ranks over sources, and which classifiers do not differ significantly."""

from html import escape

import numpy as np
import pandas as pd
import scipy

from sourcewise.core.errors import count

ROW, WIDTH, BAR = 18, 420, 9  # pixels: height of a classifier's row, width of the axis, distance between bars
INK, FAINT, MARK = "#222", "#ddd", "#1f5fa8"


def mean_ranks(tallies):
    """{classifier: mean over sources of its rank by accuracy, 1 is best, ties share the mean rank}, best first."""
    ranks = _ranks(tallies).mean(axis=1)
    return dict(sorted(zip(tallies, ranks.tolist(), strict=True), key=lambda item: (item[1], item[0])))


def _ranks(tallies):
    """(n_classifiers, n_sources): the rank of each at each source."""
    accuracies = [[right / n for n, right in tally.values()] for tally in tallies.values()]
    return pd.DataFrame(accuracies).rank(ascending=False).to_numpy()


def friedman(tallies):
    """p of Friedman's test (chi-squared) of the hypothesis that all classifiers rank alike; None where it cannot be
    computed: fewer than three classifiers or two sources, or equal accuracies throughout."""
    ranks = _ranks(tallies)
    (n, n_sources), deviations = ranks.shape, ranks - (len(ranks) + 1) / 2
    if n < 3 or n_sources < 2 or not deviations.any():
        return None
    statistic = (n - 1) * (deviations.sum(axis=1) ** 2).sum() / (deviations**2).sum()  # corrected for ties
    return float(scipy.special.chdtrc(n - 1, statistic))  # scipy.stats takes a third of a second to import


def groups(order, table):
    """The longest runs [(first, last)] of neighbours in `order` among which no pair differs significantly in a table of
    `pairs`."""
    position = {name: k for k, name in enumerate(order)}
    ends = [len(order)] * len(order)  # at the latest, of the run that begins at k
    for one, other in table.loc[table["significant"], ["classifier", "other"]].itertuples(index=False):
        first, last = sorted((position[one], position[other]))
        ends[first] = min(ends[first], last)
    ends = np.minimum.accumulate(ends[::-1])[::-1].tolist()
    runs = [(k, end - 1) for k, end in enumerate(ends) if k == 0 or end > ends[k - 1]]
    return [(first, last) for first, last in runs if last > first]


def diagram(tallies, table):
    """SVG text: one row per classifier, a dot at its mean rank, and bars that join classifiers without a significant
    difference in `table`.

    The diagram of Demsar (JMLR 7, 2006), rotated so that long lists are readable. Its bars are not derived from mean
    ranks, which depend on the other classifiers in the list, but from pairwise tests (Benavoli, Corani, Mangili, JMLR
    17, 2016).
    """
    if not tallies:
        return f'<svg xmlns="http://www.w3.org/2000/svg">{_text(16, 24, "No classifier ran.")}</svg>\n'
    ranks = mean_ranks(tallies)
    runs = groups(list(ranks), table)
    names, n, n_sources = list(ranks), len(ranks), len(next(iter(tallies.values())))
    left = 8 * max(len(name) for name in names) + 24
    top, bars = 84, left + WIDTH + 70
    width, bottom = max(bars + BAR * len(runs) + 16, 640), top + ROW * n
    p = friedman(tallies)
    test = "" if p is None else f"; Friedman: p = {p:.2g}"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{bottom + 16}" '
        'font-family="sans-serif" font-size="13">',
        f'<rect width="{width}" height="{bottom + 16}" fill="#fff"/>',
        _text(16, 24, f"Mean rank by accuracy (1 is best) over {count(n_sources, 'source')}{test}", size=15),
        _text(16, 44, "Bars join classifiers without a significant difference (sign-flip test, Holm's correction)."),
    ]
    for tick in _ticks(n):
        x = left + _x(tick, n)
        lines += [_line(x, top - 8, x, bottom, FAINT), _text(x, top - 14, f"{tick}", anchor="middle")]
    for k, (name, rank) in enumerate(ranks.items()):
        y = top + ROW * (k + 0.5)
        lines += [
            _text(left - 16, y + 4, name, anchor="end"),
            _line(left, y, left + WIDTH, y, FAINT),
            f'<circle cx="{left + _x(rank, n):.1f}" cy="{y:.1f}" r="4.5" fill="{MARK}"/>',
            _text(left + WIDTH + 16, y + 4, f"{rank:.2f}"),
        ]
    for k, (first, last) in enumerate(runs):
        ends = top + ROW * (first + 0.2), top + ROW * (last + 0.8)
        lines.append(_line(bars + BAR * k, ends[0], bars + BAR * k, ends[1], INK, width=4))
    return "\n".join([*lines, "</svg>"]) + "\n"


def _x(rank, n):
    return WIDTH * (rank - 1) / max(n - 1, 1)


def _ticks(n):
    step = 1 if n <= 12 else 5
    return [1, *range(step if step > 1 else 2, n + 1, step)]


def _text(x, y, text, anchor="start", size=13):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{INK}">{escape(text)}</text>'


def _line(x1, y1, x2, y2, colour, width=1):
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width}"/>'
