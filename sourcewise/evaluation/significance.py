"""Significance tests of differences between classifiers on the same clips, paired by source."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import scipy

from sourcewise.evaluation.intervals import interval
from sourcewise.evaluation.metrics import balanced_difference, balanced_parts, p_of_chance

LEVEL, POWER = 0.05, 0.8
EXACT = 12  # sources up to which all choices of signs are tried together
DRAWN, AT_ONCE = 10_000, 1000  # choices, where there are more sources; of them at a time
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
    table[["p", "p_holm"]] = table[["p", "p_holm"]].map(shown)
    return table


def against(chosen, others, majority, one_label):
    """{name: {difference, p, p_corrected, relation}} of each other classifier against the chosen one, in balanced
    accuracy.

    chosen: Predictions of test recordings; others: {name: Predictions} of the same; majority: the name of the baseline
    among them. difference: that of the other minus that of the chosen, as {value, low, high}; p: of
    `sign_flips_of_parts`; p_corrected: by `step_down` for these comparisons; for the baseline, a question of its own,
    both are that of `p_of_chance`; relation: "better" or "worse", where p_corrected is at most 0.05, else "equal".
    """
    y_true, y_pred, sources = chosen.y_true, chosen.y_pred, chosen.sources
    parts = {name: parts_of_difference(chosen, of, one_label) for name, of in others.items()}
    p = {name: sign_flips_of_parts(differences) for name, differences in parts.items()}
    p[majority] = p_of_chance(y_true, y_pred, sources, one_label)
    classifiers = [name for name in others if name != majority]
    corrected = dict(zip(classifiers, step_down([parts[name] for name in classifiers]), strict=True))
    rows = {}
    for name, of in others.items():
        difference = balanced_difference(y_true, y_pred, of.y_pred, sources, one_label)
        after = max(p[name], corrected.get(name, 0))
        relation = "equal" if after > LEVEL else "better" if parts[name].sum() > 0 else "worse"
        rows[name] = {"difference": difference, "p": shown(p[name]), "p_corrected": shown(after), "relation": relation}
    return rows


def parts_of_difference(one, other, one_label):
    """What each source adds to the balanced accuracy of `other` minus that of `one`, Predictions of the same clips."""
    return np.subtract(*(balanced_parts(one.y_true, of.y_pred, one.sources, one_label) for of in (other, one)))


def sources_needed(differences, level, power=POWER):
    """The number of sources with which the paired test would have this power at this level, if their differences vary
    as these do; None where none would: the mean difference is 0.

    differences: what each source adds to a difference, (n_sources,). By the normal approximation, and at least as many
    as the sign-flip test needs to reach 0.05 at all.
    """
    each = differences * len(differences)
    if len(each) < 2 or np.isclose(each.mean(), 0):
        return None
    quantiles = scipy.special.ndtri(1 - level / 2) + scipy.special.ndtri(power)
    return max(int(np.ceil((quantiles * each.std(ddof=1) / each.mean()) ** 2)), fewest_sources(LEVEL))


def fewest_sources(level):
    """The number of sources from which on the sign-flip test can reach a level at all: its smallest p is 2^(1 - n)."""
    return int(np.ceil(1 - np.log2(level)))


def shown(p):
    """A p-value as it is stored: four significant digits."""
    return float(f"{p:.4g}")


def sign_flips(differences, slack=0):
    """Two-sided p of the paired sign-flip test: under the null hypothesis each source's difference has a random sign.

    differences: integers (n_sources,), clips that one classifier has right minus those of the other. Exact: the share
    of all 2^n choices of signs whose sum is at least as far from 0 (Fisher's randomization test; Smucker, Allan,
    Carterette 2007, for comparing systems), less `slack`. Choices are counted by their sums, so that many sources take
    no longer.
    """
    sizes = np.sort(np.abs(differences[differences != 0]))
    share = np.zeros(sizes.sum() + 1)  # of choices, by the sum of the sizes with a plus
    share[0], top = 1, 1
    for size in sizes:  # small ones first, to keep the array of sums short
        share[size : top + size] += share[:top].copy()
        top += size
        share[:top] /= 2
    sums = 2 * np.arange(len(share)) - sizes.sum()
    return min(float(share[np.abs(sums) >= abs(differences.sum()) - slack].sum()), 1.0)


def sign_flips_of_parts(differences):
    """`sign_flips` of any numbers (n_sources,), rounded to some ten thousandths of their sum; sums that differ by no
    more than the rounding count as equal, so that p is not too small."""
    total, n = np.abs(differences).sum(), np.count_nonzero(differences)
    if total == 0:
        return 1.0
    steps = min(4096 * n, 100_000)
    return sign_flips(np.rint(differences / total * steps).astype(int), slack=min(n, 4 * n**0.5))


def step_down(differences):
    """p-values (n_comparisons,) of sign flips after the step-down correction of P. Westfall and S. Young
    (Resampling-Based Multiple Testing, 1993, their max-T): comparisons with one and the same classifier depend on each
    other, so that less correction is needed than for as many independent ones.

    differences: what each source adds to a difference, (n_comparisons, n_sources). A choice of signs flips a source in
    all comparisons; p of the largest difference is the share of choices by which any comparison would be as large, p of
    the next one the same without the largest, and so on; none is smaller than the one before. All choices up to EXACT
    sources, else DRAWN ones.
    """
    differences = np.asarray(differences, float)
    if not len(differences):
        return np.empty(0)
    observed = np.abs(differences.sum(axis=1))
    order = np.argsort(-observed, kind="stable")
    least = observed[order] - 1e-9 * np.abs(differences).sum(axis=1).max()
    as_large, n = np.zeros(len(order)), 0
    for signs in _choices(differences.shape[1]):
        sums = np.abs(signs @ differences[order].T)
        largest = np.maximum.accumulate(sums[:, ::-1], axis=1)[:, ::-1]  # of this comparison and of those behind it
        as_large += (largest >= least).sum(axis=0)
        n += len(signs)
    return np.maximum.accumulate(as_large / n)[np.argsort(order, kind="stable")]


def _choices(n_sources):
    """Choices of signs, (n, n_sources), some at a time; the first is of no flip."""
    if n_sources <= EXACT:
        yield np.array(list(product((1.0, -1.0), repeat=n_sources)))
        return
    rng = np.random.default_rng(0)
    for k in range(DRAWN // AT_ONCE):
        signs = rng.choice([1.0, -1.0], (AT_ONCE, n_sources))
        if k == 0:
            signs[0] = 1
        yield signs


def holm(p):
    """p-values (n,) after Holm's correction for n tests."""
    order = np.argsort(p, kind="stable")
    corrected = np.maximum.accumulate((len(p) - np.arange(len(p))) * p[order])
    return np.minimum(corrected, 1)[np.argsort(order, kind="stable")]
