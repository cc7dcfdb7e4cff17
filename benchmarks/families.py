"""How often an equally good classifier is called different: python -m benchmarks.families 1500

Simulates 1,500 datasets per setting (or the number given): 20 recordings of each source, which is harder or easier for
all classifiers alike, and a chosen classifier beside 5 or 20 others. All are equally good, or half of the others are
much worse. What is hard for one classifier alone is drawn per source: "normal", or "fails": with a probability of 0.15
it fails on a source. Prints the share of datasets, in percent, in which at least one of those that are as good is
called different at the level 0.05, with the correction that the verdict uses and with Holm's; and how many of ten that
are much worse are called so. With 1,500 datasets the standard error of a share of 5 % is 0.6.
"""

import itertools

import numpy as np

from benchmarks.measure import command
from sourcewise.core.markdown import markdown
from sourcewise.evaluation.significance import LEVEL, holm, sign_flips_of_parts, step_down

RECORDINGS, WORSE = 20, -1.5  # of a source; log odds of a recording


def main(datasets=1500, seed=0):
    """Print the table: one row per setting."""
    print(__doc__.split("\n\n")[1])
    rows = []
    for kind, n_others, n_sources in itertools.product(("normal", "fails"), (5, 20), (6, 10, 20)):
        cells = [kind, f"{n_others}", f"{n_sources}"]
        for worse in (0, n_others // 2):
            rng = np.random.default_rng([seed, n_others, n_sources])
            each = np.array([_one(rng, kind, n_others, n_sources, worse) for _ in range(datasets)])
            cells += [f"{100 * each[:, 0].mean():.1f}", f"{100 * each[:, 1].mean():.1f}"]
        cells += [f"{10 * each[:, 2].mean() / worse:.1f}", f"{10 * each[:, 3].mean() / worse:.1f}"]
        rows.append(cells)
    header = ["alone", "others", "sources", "all as good: ours", "Holm", "half worse: ours", "Holm"]
    print(markdown([*header, "found of ten: ours", "Holm"], rows))


def _one(rng, kind, n_others, n_sources, worse):
    """Whether one that is as good is called different, by ours and by Holm's; how many of the worse ones are."""
    size = (n_others + 1, n_sources)
    own = rng.normal(0, 0.6, size) if kind == "normal" else np.where(rng.random(size) < 0.15, -2.5, 0.2)
    own[1 : 1 + worse] += WORSE
    p_right = 1 / (1 + np.exp(-(rng.normal(1, 0.8, n_sources) + own)))
    right = rng.binomial(RECORDINGS, p_right) / RECORDINGS / n_sources
    differences = right[1:] - right[0]
    alone = np.array([sign_flips_of_parts(of) for of in differences])
    called = [p <= LEVEL for p in (np.maximum(alone, step_down(differences)), holm(alone))]
    return *(of[worse:].any() for of in called), *(of[:worse].sum() for of in called)


if __name__ == "__main__":
    command(main)
