from itertools import product

import numpy as np
import pytest

from sourcewise.evaluation.significance import holm, pairs, sentences, sign_flips


def _tallies(right, n=10):
    return {name: {f"s{k:02d}": [n, r] for k, r in enumerate(rights)} for name, rights in right.items()}


def test_p_is_the_share_of_signs_with_a_sum_at_least_as_large():
    assert sign_flips(np.full(10, 3)) == 2 / 1024  # only all plus and all minus
    assert sign_flips(np.array([1, 1, 1, -1])) == 10 / 16  # sums of 4, 2, -2, -4: 1 + 4 + 4 + 1 ways
    assert sign_flips(np.array([5, 0, 0])) == 1
    assert sign_flips(np.zeros(4, int)) == 1


def test_p_equals_that_of_enumerating_all_signs():
    rng = np.random.default_rng(0)
    for _ in range(20):
        differences = rng.integers(-6, 9, 9)
        sums = np.array([np.dot(signs, differences) for signs in product((-1, 1), repeat=9)])
        assert sign_flips(differences) == pytest.approx(np.mean(np.abs(sums) >= abs(differences.sum())))


def test_holm_corrects_for_all_pairs():
    assert holm(np.array([0.01, 0.04, 0.03])) == pytest.approx([0.03, 0.06, 0.06])
    assert holm(np.array([0.5, 0.9])) == pytest.approx([1, 1])


def test_a_large_difference_is_significant_and_a_small_one_is_not():
    table = pairs(_tallies({"good": [9] * 16, "same": [9, 1] + [9] * 14, "bad": [5] * 16}))
    assert table[["classifier", "other"]].values.tolist() == [["good", "same"], ["good", "bad"], ["same", "bad"]]
    assert table["significant"].tolist() == [False, True, True]
    assert table["difference"].tolist() == [0.05, 0.4, 0.35]
    assert table["p"].tolist() == pytest.approx(
        [1.0, 2 / 2**16, 34 / 2**16], rel=1e-3
    )  # the last: 4 in 15 sources, -4 in one
    assert table["p_holm"].tolist() == pytest.approx([1.0, 6 / 2**16, 68 / 2**16], rel=1e-3)
    assert (table["low"] < table["difference"]).all() and (table["difference"] < table["high"]).all()


def test_equal_classifiers_rarely_differ_significantly():
    rng, any_significant = np.random.default_rng(0), 0
    for _ in range(200):
        skill = rng.beta(4, 2, 15)
        right = {f"{k}": rng.binomial(10, np.clip(skill + rng.normal(0, 0.1, 15), 0, 1)).tolist() for k in range(5)}
        any_significant += pairs(_tallies(right))["significant"].any()
    assert any_significant / 200 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)


def test_the_sentences_name_classifiers_without_a_significant_difference_from_the_best():
    tallies = _tallies({"good": [9] * 16, "same": [9, 1] + [9] * 14, "bad": [5] * 16})
    counted, alike, worse = sentences(pairs(tallies), "same", 16)
    assert counted.startswith("2 of 3 differences in accuracy between two classifiers are statistically significant")
    assert alike == "No significant difference from same, the best on validation: good."
    assert worse == "Significantly worse than same, the best on validation: bad."
    better = sentences(pairs(tallies), "bad", 16)[1]
    assert better == "Significantly better than bad, the best on validation: good, same."


def test_the_sentences_say_where_there_are_too_few_sources():
    text = sentences(pairs(_tallies({"a": [9] * 4, "b": [1] * 4, "c": [1] * 4})), "a", 4)
    # 2 / 2 ** 4 = 0.125 at least, 0.05 / 3 required: 2 / 2 ** 7 = 0.0156 is below
    assert text[1] == (
        "No difference can be significant here: the smallest possible p with 4 sources is 0.12, and 3 pairs of "
        "classifiers require 0.017, which takes 7 sources."
    )
    assert (
        "the smallest possible p with 1 source is 1, and 1 pair of classifiers"
        in (sentences(pairs(_tallies({"a": [9], "b": [1]})), "a", 1)[1])
    )


def test_one_classifier_has_no_pairs():
    assert sentences(pairs(_tallies({"a": [9] * 4})), "a", 4) == []
