"""Power of the comparison on the bundled corpora: python -m benchmarks.power 2000

Simulates 2,000 test parts per row (or the number given): each source has as many clips as in the corpus, and each of
two classifiers predicts a clip correctly with its skill for that source. Skills are drawn from beta distributions whose
means are 0.15 apart; `within` is the correlation of a classifier's clips of one source, 0 for independent clips; a hard
source is hard for both (rank correlation of 0.5 or, of two alike, 0.8). Prints the percentage of test parts in which
the sign-flip test of `sourcewise.evaluation.significance` rejects equality at the level 0.05; `false`: the same where
the means are equal. The sources are those that test in the default hold-out split, or, with `split.folds`, all.
"""

import itertools

import numpy as np
from scipy.stats import beta, norm

from benchmarks.measure import command
from sourcewise.core.markdown import markdown
from sourcewise.evaluation.significance import LEVEL, sign_flips

#: (sources that test, clips of each) in the hold-out split and with folds, and in the hold-out split of 24 sources.
PARTS = {
    "voices": ((29, 4), (72, 4)),
    "genres": ((26, 3), (64, 3)),
    "events": ((26, 6), (64, 6)),
    "24 voices, as once": ((10, 12), (24, 12)),
}
MEANS, DIFFERENCE = (0.75, 0.9), 0.15
WITHIN, ALIKE = (0.1, 0.3, 0.6), (0.5, 0.8)


def main(datasets=2000, seed=0):
    """Print the table: one row per corpus, kind of split and correlation."""
    print(__doc__.split("\n\n")[1])
    rows = []
    for (corpus, parts), within, alike in itertools.product(PARTS.items(), WITHIN, ALIKE):
        cells = [
            power(mean, difference, within, alike, *part, datasets=datasets, seed=seed)
            for part in parts
            for mean, difference in (*((mean, DIFFERENCE) for mean in MEANS), (MEANS[0], 0))
        ]
        rows.append([corpus, f"{within}", f"{alike}", *(f"{100 * cell:.0f}" for cell in cells)])
    columns = [f"{mean} against {mean - DIFFERENCE:.2f}" for mean in MEANS]
    header = ["hold-out: " + column for column in columns] + ["false"] + ["folds: " + column for column in columns]
    print(markdown(["corpus", "within", "alike", *header, "false"], rows, left=1))


def power(mean, difference, within, alike, n_sources, n_clips, *, datasets, seed):
    """The share of simulated test parts in which two classifiers differ significantly."""
    rng = np.random.default_rng([seed, n_sources, *(round(1000 * x) for x in (mean, difference, within, alike))])
    drawn = rng.multivariate_normal([0, 0], [[1, alike], [alike, 1]], (datasets, n_sources))
    right = []
    for k, expected in enumerate((mean, mean - difference)):
        skill = beta.ppf(norm.cdf(drawn[..., k]), expected * (1 / within - 1), (1 - expected) * (1 / within - 1))
        right.append(rng.binomial(n_clips, skill))
    differences = right[0] - right[1]  # (datasets, n_sources)
    return float(np.mean([sign_flips(of) <= LEVEL for of in differences]))


if __name__ == "__main__":
    command(main)
