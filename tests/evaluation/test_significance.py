from itertools import product

import numpy as np
import pytest

from sourcewise.evaluation.significance import holm, pairs, sentences, sign_flips


def _tallies(right, n=10):
    return {name: {f"s{k:02d}": [n, r] for k, r in enumerate(rights)} for name, rights in right.items()}


def test_p_is_the_share_of_signs_that_give_as_much():
    assert sign_flips(np.full(10, 3)) == 2 / 1024  # only all plus and all minus
    assert sign_flips(np.array([1, 1, 1, -1])) == 10 / 16  # sums of 4, 2, -2, -4: 1 + 4 + 4 + 1 ways
    assert sign_flips(np.array([5, 0, 0])) == 1
    assert sign_flips(np.zeros(4, int)) == 1


def test_p_is_that_of_trying_all_signs():
    rng = np.random.default_rng(0)
    for _ in range(20):
        differences = rng.integers(-6, 9, 9)
        sums = np.array([np.dot(signs, differences) for signs in product((-1, 1), repeat=9)])
        assert sign_flips(differences) == pytest.approx(np.mean(np.abs(sums) >= abs(differences.sum())))


def test_holm_corrects_for_all_pairs():
    assert holm(np.array([0.01, 0.04, 0.03])) == pytest.approx([0.03, 0.06, 0.06])
    assert holm(np.array([0.5, 0.9])) == pytest.approx([1, 1])


def test_a_clear_difference_stands_and_a_small_one_does_not():
    found = pairs(_tallies({"good": [9] * 16, "same": [9, 1] + [9] * 14, "bad": [5] * 16}))
    assert found[["classifier", "other"]].values.tolist() == [["good", "same"], ["good", "bad"], ["same", "bad"]]
    assert found["stands"].tolist() == [False, True, True]
    assert found["difference"].tolist() == [0.05, 0.4, 0.35]
    assert found["p"].tolist() == pytest.approx(
        [1.0, 2 / 2**16, 34 / 2**16], rel=1e-3
    )  # the last: 4 in 15 sources, -4 in one
    assert found["p_holm"].tolist() == pytest.approx([1.0, 6 / 2**16, 68 / 2**16], rel=1e-3)
    assert (found["low"] < found["difference"]).all() and (found["difference"] < found["high"]).all()


def test_classifiers_that_are_alike_are_rarely_told_apart():
    rng, any_stands = np.random.default_rng(0), 0
    for _ in range(200):
        skill = rng.beta(4, 2, 15)
        right = {f"{k}": rng.binomial(10, np.clip(skill + rng.normal(0, 0.1, 15), 0, 1)).tolist() for k in range(5)}
        any_stands += pairs(_tallies(right))["stands"].any()
    assert any_stands / 200 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)


def test_it_is_said_which_cannot_be_told_from_the_best():
    tallies = _tallies({"good": [9] * 16, "same": [9, 1] + [9] * 14, "bad": [5] * 16})
    counted, alike, worse = sentences(pairs(tallies), "same", 16)
    assert counted.startswith("2 of 3 differences in accuracy between two classifiers stand up")
    assert alike == "Cannot be told from same, the best on validation: good."
    assert worse == "Worse than same, the best on validation: bad."
    assert sentences(pairs(tallies), "bad", 16)[1] == "Better than bad, the best on validation: good, same."


def test_it_is_said_where_sources_are_too_few():
    found = sentences(pairs(_tallies({"a": [9] * 4, "b": [1] * 4, "c": [1] * 4})), "a", 4)
    # 2 / 2 ** 4 = 0.125 at the least, 0.05 / 3 asked of the clearest: 2 / 2 ** 7 = 0.0156 is below
    assert found[1] == (
        "None could, however large: 4 sources can give no p below 0.12, and of 3 pairs the clearest needs 0.017, "
        "which takes 7 sources."
    )
    assert sentences(pairs(_tallies({"a": [9], "b": [1]})), "a", 1)[1].startswith(
        "None could, however large: 1 source can"
    )


def test_one_classifier_has_no_pairs():
    assert sentences(pairs(_tallies({"a": [9] * 4})), "a", 4) == []
