"""Coverage of the 95 % confidence intervals: python -m benchmarks.cover 500

Simulates 500 datasets per setting (or the number given): clips of three classes (shares 0.5, 0.3, 0.2), 5 to 60 per
source, each classified correctly with the skill of its source. Skills are drawn from a beta distribution of known mean;
`within` is the correlation of clips of one source, 0 for independent clips. Prints the percentage of datasets in which
the interval over sources (sourcewise/evaluation/intervals.py) covers the true accuracy, balanced accuracy, macro F1,
and difference in accuracy from a second classifier (mean 0.1 lower) on the same clips; beside each the coverage of a
percentile bootstrap over clips. Then the area under the ROC curve, whose true value is that mean, of normal scores with
that correlation within a source: of the first class, and (apart) where each source is of one of two classes; beside it
the interval that takes each clip for a source. With 500 datasets the standard error is about 1. Datasets without an
interval (a class has 1 source) are left out of our coverage.
"""

import itertools

import numpy as np
from scipy.stats import beta, norm

from benchmarks.measure import command
from sourcewise.core.markdown import markdown
from sourcewise.evaluation.intervals import interval
from sourcewise.evaluation.metrics import score
from sourcewise.evaluation.probability_metrics import areas

SHARES = np.array([0.5, 0.3, 0.2])
MEANS, WITHIN, SOURCES = (0.6, 0.8, 0.9, 0.95), (0.1, 0.3), (2, 3, 6, 10, 20, 40)
SCORES = ("accuracy", "balanced_accuracy", "f1", "difference", "roc_auc", "roc_auc_apart")


def main(datasets=500, seed=0):
    """Print the table: one row per number of sources, correlation and mean."""
    print(__doc__.split("\n\n")[1])
    rows, of_sources = [], {}
    for n_sources, within, mean in itertools.product(SOURCES, WITHIN, MEANS):
        covered = cover(mean, within, n_sources, datasets=datasets, seed=seed)
        of_sources.setdefault(n_sources, []).append([covered[name] for name in SCORES])
        rows.append(
            [f"{n_sources}", f"{within}", f"{mean}", *(f"{100 * x:.1f}" for name in SCORES for x in covered[name])]
        )
    header = [word for name in SCORES for word in (name.removesuffix("_accuracy"), "over clips")]
    print(markdown(["sources", "within", "mean", *header], rows, left=0))
    for n_sources, covered in of_sources.items():
        of_scores, of_areas = np.split(100 * np.array(covered), [-2], axis=1)
        print(f"{n_sources} sources: {_range(of_scores)}; ROC AUC: {_range(of_areas)}")


def _range(covered):
    """Of coverages (n, n_scores, 2), in percent."""
    ours, over_clips = np.moveaxis(covered, -1, 0)
    ends = f"{np.nanmin(ours):.1f} to {np.nanmax(ours):.1f}, mean {np.nanmean(ours):.1f}"
    return f"{ends}, over clips {np.nanmin(over_clips):.1f} to {np.nanmax(over_clips):.1f}"


def cover(mean, within, n_sources, *, datasets, seed):
    """{score: (coverage of the interval over sources, coverage of the bootstrap over clips)}."""
    rng = np.random.default_rng([seed, n_sources, int(1000 * mean), int(1000 * within)])
    of_ranking = np.random.default_rng([seed, n_sources, int(1000 * mean), int(1000 * within), 1])
    true = _true(mean) | {"difference": 0.1, "roc_auc": mean, "roc_auc_apart": mean}
    covered = {name: [] for name in SCORES}
    for _ in range(datasets):
        sources, y_true, y_pred, other = dataset(rng, mean, within, n_sources)
        intervals, bootstrap = _over_sources(sources, y_true, y_pred, other), _over_clips(rng, y_true, y_pred, other)
        for name, carried in (("roc_auc", y_true == 0), ("roc_auc_apart", sources % 2 == 0)):
            intervals[name], bootstrap[name] = _of_areas(of_ranking, mean, within, sources, carried)
        for name in SCORES:
            low, high = intervals[name]["low"], intervals[name]["high"]
            ours = np.nan if low is None else low <= true[name] <= high  # without an interval, not counted
            covered[name].append((ours, bootstrap[name][0] <= true[name] <= bootstrap[name][1]))
    return {name: tuple(map(_mean, zip(*both, strict=True))) for name, both in covered.items()}


def _mean(covered):
    """Of those that are known; NaN where none is."""
    known = [each for each in covered if not np.isnan(each)]
    return float(np.mean(known)) if known else np.nan


def dataset(rng, mean, within, n_sources):
    """Clips of one dataset: their sources, classes, and the predictions of a classifier and another, 0.1 worse."""
    of_sources = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], n_sources)  # a hard voice is hard for both
    sizes = np.exp(rng.uniform(np.log(5), np.log(60), n_sources)).round().astype(int)
    sources = np.repeat(np.arange(n_sources), sizes)
    y_true = rng.choice(3, len(sources), p=SHARES)
    y_pred = []
    for expected, drawn in zip((mean, mean - 0.1), norm.cdf(of_sources).T, strict=True):
        skill = beta.ppf(drawn, expected * (1 / within - 1), (1 - expected) * (1 / within - 1))
        wrong = rng.random(len(sources)) >= skill[sources]
        y_pred.append((y_true + wrong * rng.integers(1, 3, len(y_true))) % 3)
    return sources, y_true, *y_pred


def _of_areas(rng, mean, within, sources, carried):
    """The interval of the area over sources, and (low, high) over clips; its true value is that of clips of different
    sources."""
    of_source = np.sqrt(within / (1 - within)) * rng.standard_normal(sources[-1] + 1)[sources]
    apart = norm.ppf(mean) * np.sqrt(2 / (1 - within))
    scores = apart * carried + of_source + rng.standard_normal(len(sources))
    over_sources, over_clips = (
        areas(carried[:, None], scores[:, None], of)[1] for of in (sources, np.arange(len(sources)))
    )
    return over_sources, tuple(np.nan if over_clips[end] is None else over_clips[end] for end in ("low", "high"))


def _true(mean):
    cells = SHARES[:, None] * np.where(np.eye(3, dtype=bool), mean, (1 - mean) / 2)
    return {"accuracy": mean, "balanced_accuracy": mean, "f1": _rates(cells)[2]}


def _over_sources(sources, y_true, y_pred, other):
    one_hot = np.eye(3, dtype=bool)
    scores = score(one_hot[y_true], one_hot[y_pred], sources)
    columns = (np.ones(len(y_true)), (y_true == y_pred).astype(float) - (y_true == other))
    counts = np.stack([np.bincount(sources, weights=column) for column in columns], axis=1)
    return scores | interval(lambda sums: {"difference": sums[..., 1] / sums[..., 0]}, counts, span=(-1, 1))


def _over_clips(rng, y_true, y_pred, other, draws=400):
    cells = np.bincount(y_true * 9 + y_pred * 3 + other, minlength=27) / len(y_true)
    drawn = rng.multinomial(len(y_true), cells, size=draws).reshape(-1, 3, 3, 3) / len(y_true)
    accuracy, balanced, f1 = _rates(drawn.sum(axis=3))
    difference = accuracy - _rates(drawn.sum(axis=2))[0]
    values = {"accuracy": accuracy, "balanced_accuracy": balanced, "f1": f1, "difference": difference}
    return {name: np.nanpercentile(value, [2.5, 97.5]) for name, value in values.items()}


def _rates(cells):
    """Accuracy, balanced accuracy and macro F1 of confusion matrices (..., actual, predicted)."""
    hits, positives, predicted = np.einsum("...ii->...i", cells), cells.sum(axis=-1), cells.sum(axis=-2)
    with np.errstate(invalid="ignore"):
        recall, f1 = hits / positives, np.where(positives > 0, 2 * hits / (positives + predicted), np.nan)
    return hits.sum(axis=-1) / cells.sum(axis=(-1, -2)), np.nanmean(recall, axis=-1), np.nanmean(f1, axis=-1)


if __name__ == "__main__":
    command(main)
