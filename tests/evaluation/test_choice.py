import numpy as np
import pytest

from sourcewise.evaluation import choice
from tests.evaluation.predicted import Corpus, task_of


def test_the_lowest_validation_log_loss_is_chosen_whatever_the_names_and_the_test_scores():
    corpus = Corpus(task_of(3), 20)
    worse, better = corpus.scores(0.5), corpus.scores(0.9)
    tested = corpus.split.is_in("test")
    better[tested], worse[tested] = worse[tested], better[tested].copy()  # test says the opposite
    chosen = choice.choose_among({"a": corpus.candidate(worse), "z": corpus.candidate(better)})
    assert (chosen.of_folds, chosen.name) == (["z"], "z")


def test_how_sure_a_classifier_says_it_is_does_not_count():
    corpus = Corpus(task_of(2), 30)
    better, worse = corpus.scores(0.9), corpus.scores(0.7)
    shy = 0.5 + (better - 0.5) / 50  # as distances of an SVM: all near 0.5, and a larger log loss than the other's
    assert choice.choose_among({"sure": corpus.candidate(worse), "shy": corpus.candidate(shy)}).name == "shy"


def test_each_fold_chooses_by_its_own_validation_and_its_test_is_pooled():
    corpus = Corpus(task_of(2), 10, n_folds=2)
    good, bad = corpus.scores(1.0, within=0), corpus.scores(0.0, within=0)
    first = corpus.split.rows(0, "validation")
    one, other = good.copy(), bad.copy()
    one[first], other[first] = bad[first], good[first]  # in fold 0 the other one is better on validation
    chosen = choice.choose_among({"one": corpus.candidate(one), "other": corpus.candidate(other)})
    assert chosen.of_folds == ["other", "one"]
    tests = {"one": corpus.predictions(one, "test"), "other": corpus.predictions(other, "test")}
    for fold, name in enumerate(chosen.of_folds):
        rows = chosen.test.folds == fold
        assert (chosen.test.y_score[rows] == tests[name].y_score[tests[name].folds == fold]).all()
    assert sorted(chosen.test.rows.index) == sorted(corpus.clips["clip_id"])  # each recording once


def test_equal_predictions_leave_the_first_entry_of_params_yaml():
    corpus = Corpus(task_of(2), 10)
    p = corpus.scores(0.8)
    assert choice.choose_among({"z": corpus.candidate(p), "a": corpus.candidate(p)}).name == "z"


def test_the_majority_class_is_that_of_train_in_each_fold():
    # of b, b, a, a: fold 0 trains on b, b and tests a; fold 1 on a, a and tests b: all wrong, though half are a
    corpus = Corpus(task_of(2), 4, n_folds=2)
    corpus.y_true[:] = np.eye(2, dtype=bool)[[1] * 12 + [0] * 12]
    corpus.clips["labels"] = ["b"] * 12 + ["a"] * 12
    corpus.split.parts[:] = np.repeat(
        [["train", "validation"], ["train", "test"], ["validation", "train"], ["test", "train"]], 6, 0
    )
    baseline = choice.majority(corpus.candidate(corpus.scores(1)), corpus.split, corpus.task)
    assert (baseline.test.y_pred == [[False, True]]).all(axis=1).sum() == 6
    assert not (baseline.test.y_pred & baseline.test.y_true).any()
    assert np.unique(baseline.test.y_score.round(3)).tolist() == [0, 1]


@pytest.mark.parametrize("fixed", [None, 0.5])
def test_of_several_labels_the_baseline_predicts_what_is_worth_it_on_validation(fixed):
    corpus = Corpus(task_of(3, several=True), 40, shares=[0.45, 0.3, 0.02])
    baseline = choice.majority(corpus.candidate(corpus.scores(1)), corpus.split, corpus.task, fixed)
    (predicted,) = np.unique(baseline.test.y_pred, axis=0)
    assert predicted.tolist() == ([True, True, False] if fixed is None else [False, False, False])
