"""Significance tests of differences in accuracy between two classifiers on the same clips."""

from itertools import combinations

import numpy as np
import pandas as pd

from sourcewise.core.errors import count
from sourcewise.evaluation.intervals import interval

LEVEL = 0.05
COLUMNS = ["classifier", "other", "difference", "low", "high", "p", "p_holm", "significant"]


def pairs(tallies):
    """A table of COLUMNS, one row per pair of classifiers: the difference in accuracy, and whether it is significant.

    tallies: {classifier: {source: [clips, right]}}, of the same sources. low and high: the 95 % confidence interval of
    this difference alone (`sourcewise.evaluation.intervals`; empty for one source). p: of `sign_flips`; p_holm: after
    Holm's correction for all rows (Scandinavian Journal of Statistics 6, 1979); significant: whether p_holm is at most
    0.05. Where no two classifiers differ, at most one such table in twenty has a significant row.
    """
    arrays = {name: np.array(list(tally.values())) for name, tally in tallies.items()}
    rows = []
    for (name, one), (other, two) in combinations(arrays.items(), 2):
        differences = one[:, 1] - two[:, 1]
        counts = np.stack([one[:, 0], differences], axis=1)
        difference = interval(lambda sums: {"": sums[..., 1] / sums[..., 0]}, counts, span=(-1, 1))[""]
        ends = (difference[key] for key in ("value", "low", "high"))
        rows.append([name, other, *ends, sign_flips(differences)])
    table = pd.DataFrame(rows, columns=COLUMNS[:6]).astype({"low": float, "high": float, "p": float})
    table["p_holm"] = holm(table["p"].to_numpy())
    table["significant"] = table["p_holm"] <= LEVEL
    table[["p", "p_holm"]] = table[["p", "p_holm"]].map(lambda p: float(f"{p:.4g}"))
    return table


def sign_flips(differences):
    """Two-sided p of the paired sign-flip test: under the null hypothesis each source's difference has a random sign.

    differences: integers (n_sources,), clips that one classifier has right minus those of the other. Exact: the share
    of all 2^n choices of signs whose sum is at least as far from 0 (Fisher's randomization test; Smucker, Allan,
    Carterette 2007, for comparing systems). Choices are counted by their sums, so that many sources take no longer.
    """
    sizes = np.sort(np.abs(differences[differences != 0]))
    share = np.zeros(sizes.sum() + 1)  # of choices, by the sum of the sizes with a plus
    share[0], top = 1, 1
    for size in sizes:  # small ones first, to keep the array of sums short
        share[size : top + size] += share[:top].copy()
        top += size
        share[:top] /= 2
    sums = 2 * np.arange(len(share)) - sizes.sum()
    return min(float(share[np.abs(sums) >= abs(differences.sum())].sum()), 1.0)


def holm(p):
    """p-values (n,) after Holm's correction for n tests."""
    order = np.argsort(p, kind="stable")
    corrected = np.maximum.accumulate((len(p) - np.arange(len(p))) * p[order])
    return np.minimum(corrected, 1)[np.argsort(order, kind="stable")]


def sentences(table, best, n_sources):
    """Sentences about a table of `pairs`; `best`: the classifier chosen on validation."""
    if table.empty:
        return []
    text = [
        f"{table['significant'].sum()} of {len(table)} differences in accuracy between two classifiers are "
        "statistically significant (sign-flip test paired by source, Holm's correction, level 0.05)."
    ]
    smallest, required = 2.0 ** (1 - n_sources), LEVEL / len(table)
    if smallest > required:
        needed = int(np.ceil(1 - np.log2(required)))
        text.append(
            f"No difference can be significant here: the smallest possible p with {count(n_sources, 'source')} is "
            f"{smallest:.2g}, and {count(len(table), 'pair')} of classifiers require {required:.2g}, which takes "
            f"{needed} sources."
        )
    of_best = table[(table["classifier"] == best) | (table["other"] == best)]
    sign = np.where(of_best["classifier"] == best, 1, -1) * of_best["difference"]
    names = of_best["other"].where(of_best["classifier"] == best, of_best["classifier"])
    groups = {
        "No significant difference from": names[~of_best["significant"]],
        "Significantly better than": names[of_best["significant"] & (sign < 0)],
        "Significantly worse than": names[of_best["significant"] & (sign > 0)],
    }
    for relation, others in groups.items():
        if len(others):
            which = f"all {len(others)} others" if len(others) == len(names) > 3 else ", ".join(sorted(others))
            text.append(f"{relation} {best}, the best on validation: {which}.")
    return text
