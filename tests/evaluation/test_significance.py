from itertools import product

import numpy as np
import pytest
from scipy.stats import norm

from sourcewise.evaluation.choice import majority
from sourcewise.evaluation.metrics import score
from sourcewise.evaluation.significance import (
    against,
    fewest_sources,
    holm,
    pairs,
    sign_flips,
    sign_flips_of_parts,
    sources_needed,
    step_down,
)
from tests.evaluation.predicted import Corpus, task_of


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


def test_p_of_numbers_is_that_of_enumerating_all_signs():
    rng = np.random.default_rng(0)
    for _ in range(20):
        differences = rng.normal(0.05, 0.1, 10)
        sums = np.array([np.dot(signs, differences) for signs in product((-1, 1), repeat=10)])
        p = np.mean(np.abs(sums) >= abs(differences.sum()) - 1e-12)
        assert p <= sign_flips_of_parts(differences) <= p + 4 / 1024
    assert sign_flips_of_parts(np.full(12, 0.1)) == 2 / 2**12
    assert sign_flips_of_parts(np.zeros(5)) == 1
    assert sign_flips_of_parts(np.array([1 / 3, 1 / 3, -1 / 3, 0.1])) == sign_flips(np.array([10, 10, -10, 3]))


def test_p_of_many_sources_is_near_the_normal_one():
    differences = np.random.default_rng(1).normal(0.1, 1, 800)
    z = differences.sum() / np.sqrt((differences**2).sum())
    assert sign_flips_of_parts(differences) == pytest.approx(2 * norm.sf(abs(z)), rel=0.05)


def test_each_other_classifier_and_the_majority_class_are_compared_with_the_chosen_one():
    corpus = Corpus(task_of(3), 40, n_folds=2)
    candidates = corpus.candidates(chosen=0.8, same=0.8, worse=0.3, better=1)
    tests = {name: of.test for name, of in candidates.items()}
    baseline = majority(candidates["same"], corpus.split, corpus.task).test
    others = {name: tests[name] for name in ("same", "worse", "better")} | {"majority": baseline}
    rows = against(tests["chosen"], others, "majority", corpus.task.one_label)
    relations = {name: row["relation"] for name, row in rows.items()}
    assert relations == {"same": "equal", "worse": "worse", "better": "better", "majority": "worse"}
    assert rows["majority"]["p_corrected"] == rows["majority"]["p"]  # a question of its own
    assert all(rows[name]["p_corrected"] >= rows[name]["p"] for name in others)
    values = {name: score(of.y_true, of.y_pred, of.sources)["balanced_accuracy"]["value"] for name, of in tests.items()}
    difference = rows["worse"]["difference"]
    assert difference["value"] == pytest.approx(values["worse"] - values["chosen"], abs=2e-4)
    assert difference["low"] < difference["value"] < difference["high"] < 0


def test_a_step_down_correction_by_hand():
    # of 8 choices of signs: sums of the first -3 -1 -1 1 -1 1 1 3, of the second 0 -2 0 -2 and their opposites
    assert step_down([[1, 1, 1], [1, -1, 0]]) == pytest.approx([2 / 8, 1])
    # the largest alone, then the others together; the order of the rows is kept
    assert step_down([[0.1, 0.1, 0.1], [3, 3, 3]]) == pytest.approx([2 / 8, 2 / 8])
    assert step_down([[2, 1, 0], [0, 3, 0]]) == pytest.approx([1, 1])
    assert step_down([]).shape == (0,)


def test_six_sources_that_agree_are_enough_however_many_classifiers_there_are():
    p = step_down(-np.random.default_rng(0).uniform(0.2, 0.4, (30, 6)))
    assert p == pytest.approx(np.full(30, 2 / 64))
    alone = sign_flips_of_parts(np.full(6, 0.3))
    assert holm(np.full(30, alone))[0] == pytest.approx(30 * 2 / 64)


def test_drawn_choices_give_about_the_p_of_all():
    differences = np.random.default_rng(1).normal(0.1, 0.3, (1, 14))
    assert step_down(differences)[0] == pytest.approx(sign_flips_of_parts(differences[0]), abs=0.02)
    assert step_down(np.ones((3, 40))) == pytest.approx(np.full(3, 1e-4))  # the observed one of 10,000


def test_equal_classifiers_rarely_differ_from_the_chosen_one():
    found = 0
    for seed in range(40):
        corpus = Corpus(task_of(2), 12, n_folds=2, seed=seed)
        tests = {name: of.test for name, of in corpus.candidates(a=0.7, b=0.7, c=0.7, majority=0.7).items()}
        rows = against(tests.pop("a"), tests, "majority", one_label=True)
        found += any(row["relation"] != "equal" for name, row in rows.items() if name != "majority")
    assert found / 40 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 40)


def test_the_sources_needed_have_the_power():
    rng = np.random.default_rng(0)
    assert fewest_sources(0.05) == 6 and fewest_sources(0.01) == 8
    observed = rng.normal(0, 1, 40)
    observed = 0.1 + 0.3 * (observed - observed.mean()) / observed.std(ddof=1)
    needed = sources_needed(observed / len(observed), 0.05)
    assert needed == 71  # ((1.96 + 0.84) * 0.3 / 0.1) ** 2 = 70.6
    detected = [sign_flips_of_parts(rng.normal(0.1, 0.3, needed)) <= 0.05 for _ in range(200)]
    assert np.mean(detected) == pytest.approx(0.8, abs=0.08)
    assert sources_needed(np.array([0.1, -0.1]), 0.05) is None
