"""95 % confidence intervals over sources: a hundred clips of one voice are not a hundred independent samples."""

import numpy as np
import scipy

ENDS = (0.025, 0.975)
SAME = 1e-12  # rounding error of sums of floats


def interval(statistics, counts, *, span=(0, 1)):
    """{name: {value, low, high}} of statistics(sums), which takes (..., n) sums over sources and gives {name: (...)}.

    counts: (n_sources, n), one row per source, the first column its number of clips. span: the least and the greatest
    possible value: 0 and 1 for a share, -1 and 1 for a difference of shares. value is None where the statistic is not
    finite. low and high are None, and `why` says why, where there is no interval: for one source; for a mean over
    classes of which one has a single source.

    The interval of Korn and Graubard (Survey Methodology 24, 1998): that of Clopper and Pearson, for as many
    independent trials as give the variance estimated by leaving out one source at a time (the jackknife), times
    (z / t)^2, as that is an estimate. Student's t has the degrees of freedom of Satterthwaite (Biometrics 2, 1946)
    with the observed kurtosis: the number of sources less one, fewer where few sources make up most of the
    variance. But each source counts as at least one trial (Kish's effective number for sources of unequal size,
    Survey Sampling, 1965), as a share within a source varies at most between 0 and 1. Where all sources agree, the
    interval allows for a share of deviating sources so small that this many sources contain none of them with a
    probability of 0.025.

    In simulations it covers the true value in 92 to 98 % of datasets with 20 or 40 sources and in 89 to 100 % of those
    with 2 to 10, depending on the setting, 95 % on average; coverage is lowest near a perfect score where clips of a
    source are most alike. A bootstrap over clips covers it in 27 to 79 %. `python -m benchmarks.cover` prints both.
    """
    total, n = counts.sum(axis=0), len(counts)
    values = {name: float(value) for name, value in statistics(total).items()}
    if n < 2:
        return {name: {"value": rounded(value)} | _no_interval("1 source") for name, value in values.items()}
    without, min_trials = statistics(total - counts), total[0] ** 2 / (counts[:, 0] ** 2).sum()
    ends = {name: _ends(value, without[name], min_trials, span) for name, value in values.items()}
    return {name: {"value": rounded(value)} | ends[name] for name, value in values.items()}


def of_share(value, without, sizes):
    """{value, low, high}, and `why`, as in `interval`, of a share from 0 to 1 that is no function of sums over sources.

    without: the share without each source, (n_sources,); sizes: their numbers of clips, (n_sources,).
    """
    if len(sizes) < 2:
        return {"value": rounded(value)} | _no_interval("1 source")
    min_trials = np.sum(sizes) ** 2 / np.sum(np.square(sizes))
    return {"value": rounded(value)} | _ends(value, without, min_trials, (0, 1))


def p_of(statistic, counts, expected):
    """Two-sided p of the hypothesis that the statistic, a share, has an expected value: the level at which its interval
    begins or ends there, 1 for fewer than two sources or where there is no interval.

    statistic: as in `interval`, with one name; counts: the same. At most 0.05 where `interval` excludes the value.
    """
    total = counts.sum(axis=0)
    (share,), (without,) = statistic(total).values(), statistic(total - counts).values()
    if len(counts) < 2 or not np.isfinite([share, *without]).all():
        return 1.0
    trials, all_agree = _trials(share, without, total[0] ** 2 / (counts[:, 0] ** 2).sum())
    low, high = (expected, share) if expected < share else (1 - expected, 1 - share)
    if low >= high:
        return 1.0
    half = (low / high) ** trials if all_agree else scipy.special.betainc(high * trials, (1 - high) * trials + 1, low)
    return min(2 * float(half), 1.0)


def of_mean(values, sources):
    """{value, low, high} of the mean of unbounded numbers, (n,), each of a source; `why` as in `interval`.

    Student's t interval, with one degree of freedom less than there are sources, and the standard error estimated by
    leaving out one source at a time (the jackknife; B. Efron and C. Stein, Annals of Statistics 9, 1981). For sources
    of equal size it is the t interval of their means.
    """
    values, (names, source_of) = np.asarray(values, float), np.unique(sources, return_inverse=True)
    if len(names) < 2:
        return {"value": rounded(values.mean()) if len(values) else None} | _no_interval(f"{len(names)} source")
    sums, counts = np.bincount(source_of, values), np.bincount(source_of)
    without, n = (values.sum() - sums) / (len(values) - counts), len(names)
    reach = scipy.special.stdtrit(n - 1, ENDS[1]) * np.sqrt((n - 1) / n * np.sum((without - without.mean()) ** 2))
    mean = values.mean()
    return {"value": rounded(mean), "low": rounded(mean - reach), "high": rounded(mean + reach)}


def rounded(value):
    """A number as it is stored: four digits, None where it is not finite."""
    return round(float(value), 4) if np.isfinite(value) else None


def _ends(value, without, min_trials, span):
    if not np.isfinite([value, *without]).all():
        return _no_interval("a class has 1 source" if np.isfinite(value) else "no labels")
    width = span[1] - span[0]
    share, without = (value - span[0]) / width, (without - span[0]) / width
    if not -SAME <= share <= 1 + SAME:
        raise ValueError(f"a statistic is {value}, not from {span[0]} to {span[1]}")
    trials, all_agree = _trials(share, without, min_trials)
    if all_agree:
        unlike = 1 - ENDS[0] ** (1 / trials)
        low, high = share * (1 - unlike), share + unlike * (1 - share)
    else:
        low = scipy.special.betaincinv(share * trials, (1 - share) * trials + 1, ENDS[0])
        high = scipy.special.betaincinv(share * trials + 1, (1 - share) * trials, ENDS[1])
    return {"low": rounded(span[0] + low * width), "high": rounded(span[0] + high * width)}


def _trials(share, without, fewest):
    """The effective number of independent trials, and whether all sources agree, so that it is the fewest possible."""
    n, deviations = len(without), without - without.mean()
    if np.abs(deviations).max() < SAME:
        return fewest, True
    squares = deviations**2
    uneven = (squares**2).sum() - squares.sum() ** 2 / n
    freedom = np.clip(2 * squares.sum() ** 2 / max(uneven, 1e-300) - 1, 1, n - 1)
    known = (scipy.special.ndtri(ENDS[1]) / scipy.special.stdtrit(freedom, ENDS[1])) ** 2
    return max(known * share * (1 - share) / ((n - 1) / n * squares.sum()), fewest), False


def _no_interval(why):
    return {"low": None, "high": None, "why": why}
