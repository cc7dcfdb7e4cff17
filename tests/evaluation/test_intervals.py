import numpy as np
import pytest

from benchmarks.cover import cover
from sourcewise.evaluation.intervals import interval, of_mean


def _share(counts, span=(0, 1)):
    return interval(lambda sums: {"": sums[..., 1] / sums[..., 0]}, np.array(counts, float), span=span)[""]


def _ends(counts, span=(0, 1)):
    share = _share(counts, span)
    return share["low"], share["high"]


def test_sources_that_are_all_right_or_all_wrong_are_one_trial_each():
    # Clopper and Pearson, as in scipy.stats.binomtest(k, n).proportion_ci()
    assert _ends([(1, 1)] * 7 + [(1, 0)] * 3) == (0.3475, 0.9333)
    assert _ends([(50, 50)] * 9 + [(50, 0)]) == (0.555, 0.9975)
    assert _ends([(50, 50)] * 14 + [(50, 0)] * 6) == (0.4572, 0.8811)


def test_where_all_sources_are_right_the_next_may_still_be_wrong():
    assert _ends([(50, 50)] * 10) == (0.6915, 1.0)  # 0.025 ** (1 / 10)
    assert _ends([(50, 50)] * 2) == (0.1581, 1.0)  # 0.025 ** (1 / 2)
    assert _ends([(50, 0)] * 10) == (0.0, 0.3085)


def test_one_source_has_no_interval():
    assert _share([(50, 40)]) == {"value": 0.8, "low": None, "high": None, "why": "1 source"}


def test_a_share_beyond_its_span_is_an_error():
    with pytest.raises(ValueError, match=r"a statistic is -0\.5, not from 0 to 1"):
        _share([(2, -1), (2, -1)])
    assert _share([(2, -1), (2, -1)], (-1, 1))["value"] == -0.5


def test_of_many_alike_sources_each_clip_is_a_trial():
    rng = np.random.default_rng(0)
    right = rng.binomial(10, 0.8, 400)
    low, high = _ends(np.stack([np.full(400, 10), right], axis=1))
    assert high - low == pytest.approx(2 * 1.96 * np.sqrt(0.8 * 0.2 / 4000), rel=0.1)


def test_more_clips_of_the_same_sources_leave_the_interval_unchanged():
    rng = np.random.default_rng(0)
    counts = np.stack([np.full(12, 10), rng.binomial(10, rng.beta(4, 2, 12))], axis=1)
    assert _ends(counts) == _ends(counts * 100)


def test_one_large_source_does_not_count_as_its_clips():
    low, high = _ends([(1000, 1000)] + [(1, 1)] * 9)
    assert low < 0.1 and high == 1


def test_a_difference_lies_between_its_ends_and_turns_with_its_sign():
    counts = np.array([(10, 4), (10, -1), (10, 3), (10, 5), (10, 0)])
    low, high = _ends(counts, span=(-1, 1))
    assert -1 <= low < 0.22 < high <= 1
    assert _ends(counts * [1, -1], span=(-1, 1)) == (-high, -low)


def test_a_difference_of_0_in_every_source_has_an_interval():
    assert _ends([(10, 0), (10, 0), (10, 0)], span=(-1, 1)) == (-0.7076, 0.7076)  # 1 - 0.025 ** (1 / 3)
    assert _ends([(10, 0)] * 40, span=(-1, 1)) == (-0.0881, 0.0881)
    assert _ends([(10, 10)] * 10, span=(-1, 1)) == (0.383, 1.0)  # 1 - 2 * 0.3085


def test_two_halves_of_a_difference_are_a_t_interval():
    # 0.1 and 0.3 in turn over 40 equal sources: 0.2 +- t(39) * 0.1 / sqrt(39), t(39) = 2.0227
    low, high = _ends([(10, 1), (10, 3)] * 20, span=(-1, 1))
    assert (low, high) == pytest.approx((0.2 - 0.0324, 0.2 + 0.0324), abs=0.002)


@pytest.mark.parametrize("mean, within", [(0.8, 0.1), (0.8, 0.3), (0.95, 0.1)])
def test_its_coverage_is_95_percent_and_that_of_a_bootstrap_over_clips_is_not(mean, within):
    # 400 datasets of 20 sources; 95 % give 0.95 +- 0.033 (three standard errors)
    for name, (ours, over_clips) in cover(mean, within, 20, datasets=400, seed=1).items():
        assert 0.915 <= ours <= 0.985
        assert over_clips < 0.85 or name == "roc_auc"  # whose two sides a source moves together


def test_it_covers_the_true_value_for_few_sources_too():
    for n_sources in (2, 3, 6):
        assert cover(0.8, 0.1, n_sources, datasets=200, seed=1)["accuracy"][0] >= 0.9


def test_the_interval_of_a_mean_is_students_t_over_sources():
    # 1, 2, 3: 2 +- t(2) / sqrt(3), t(2) = 4.3027
    assert of_mean([1, 2, 3], ["a", "b", "c"]) == {"value": 2.0, "low": -0.4841, "high": 4.4841}
    twice = of_mean([0, 2, 1, 3, 2, 4], ["a", "a", "b", "b", "c", "c"])
    assert twice == {"value": 2.0, "low": -0.4841, "high": 4.4841}  # more clips of the same sources change nothing
    assert of_mean([5, 7], ["a", "a"]) == {"value": 6.0, "low": None, "high": None, "why": "1 source"}


def test_the_interval_of_a_mean_covers_the_true_value():
    rng, sources, covered = np.random.default_rng(0), np.repeat(np.arange(8), 4), 0
    for _ in range(400):
        values = 3 + rng.normal(0, 1, 8)[sources] + rng.normal(0, 2, 32)
        mean = of_mean(values, sources)
        covered += mean["low"] <= 3 <= mean["high"]
    assert 0.915 <= covered / 400 <= 0.985  # 0.95 +- three standard errors
