"""Whether one classifier is better than another, on the same clips of the same sources."""

from itertools import combinations

import numpy as np
import pandas as pd

from sourcewise.evaluation.intervals import interval

LEVEL = 0.05
COLUMNS = ["classifier", "other", "difference", "low", "high", "p", "p_holm", "stands"]


def pairs(tallies):
    """A row for each two classifiers, COLUMNS: the difference in accuracy, and whether it stands up.

    tallies: {classifier: {source: [clips, right]}}, of the same sources. low and high: the 95 % interval of this
    difference alone (`sourcewise.evaluation.intervals`; empty where there is one source). p: of `sign_flips`; p_holm:
    after Holm's correction for all rows (Scandinavian Journal of Statistics 6, 1979); stands: whether that is at most
    0.05. Where no two classifiers differ, at most one such table in twenty has a row that stands.
    """
    arrays = {name: np.array(list(tally.values())) for name, tally in tallies.items()}
    rows = []
    for (name, one), (other, two) in combinations(arrays.items(), 2):
        differences = one[:, 1] - two[:, 1]
        counts = np.stack([one[:, 0], differences], axis=1)
        found = interval(lambda sums: {"": sums[..., 1] / sums[..., 0]}, counts, span=(-1, 1))[""]
        rows.append([name, other, found["value"], found["low"], found["high"], sign_flips(differences)])
    table = pd.DataFrame(rows, columns=COLUMNS[:6]).astype({"low": float, "high": float, "p": float})
    table["p_holm"] = holm(table["p"].to_numpy())
    table["stands"] = table["p_holm"] <= LEVEL
    table[["p", "p_holm"]] = table[["p", "p_holm"]].map(lambda p: float(f"{p:.4g}"))
    return table


def sign_flips(differences):
    """p, two-sided, of the hypothesis that each source's difference might as well have had the other sign.

    differences: integers (n_sources,), clips that one classifier has right less those of the other. Exact: of all 2^n
    ways to choose signs, the share whose sum is at least as far from 0 (Fisher's randomization test; Smucker, Allan,
    Carterette 2007, for comparing systems). The ways are counted by their sums, so that many sources take no longer.
    """
    sizes = np.sort(np.abs(differences[differences != 0]))
    share = np.zeros(sizes.sum() + 1)  # of ways, by the sum of the sizes that have a plus
    share[0], top = 1, 1
    for size in sizes:  # small ones first, so that few sums are at work for long
        share[size : top + size] += share[:top].copy()
        top += size
        share[:top] /= 2
    sums = 2 * np.arange(len(share)) - sizes.sum()
    return min(float(share[np.abs(sums) >= abs(differences.sum())].sum()), 1.0)


def holm(p):
    """p values (n,), each corrected for there being n."""
    order = np.argsort(p, kind="stable")
    corrected = np.maximum.accumulate((len(p) - np.arange(len(p))) * p[order])
    return np.minimum(corrected, 1)[np.argsort(order, kind="stable")]


def sentences(table, best, n_sources):
    """Sentences about a table of `pairs`, the classifier `best` having been chosen on validation."""
    if table.empty:
        return []
    text = [
        f"{table['stands'].sum()} of {len(table)} differences in accuracy between two classifiers stand up (paired by "
        "source, by flipping signs; Holm's correction at 0.05)."
    ]
    least, asked, are = 2.0 ** (1 - n_sources), LEVEL / len(table), f"{n_sources} source{'s' * (n_sources > 1)}"
    if least > asked:
        needed = int(np.ceil(1 - np.log2(asked)))
        text.append(
            f"None could, however large: {are} can give no p below {least:.2g}, and of {len(table)} pairs the clearest "
            f"needs {asked:.2g}, which takes {needed} sources."
        )
    of_best = table[(table["classifier"] == best) | (table["other"] == best)]
    sign = np.where(of_best["classifier"] == best, 1, -1) * of_best["difference"]
    names = of_best["other"].where(of_best["classifier"] == best, of_best["classifier"])
    groups = {
        "Cannot be told from": names[~of_best["stands"]],
        "Better than": names[of_best["stands"] & (sign < 0)],
        "Worse than": names[of_best["stands"] & (sign > 0)],
    }
    for what, found in groups.items():
        if len(found):
            which = f"all {len(found)} others" if len(found) == len(names) > 3 else ", ".join(sorted(found))
            text.append(f"{what} {best}, the best on validation: {which}.")
    return text
