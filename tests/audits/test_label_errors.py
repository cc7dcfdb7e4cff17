import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from sourcewise.audits.label_errors import findings, judge, mislabels, ranking
from sourcewise.audits.leakage import out_of_fold
from sourcewise.datasets.task import Task

N = 300


def _clips():
    return pd.DataFrame({"clip_id": [f"c{i:03d}" for i in range(N)], "path": [f"{i}.wav" for i in range(N)]})


def _probabilities(x, targets, task):
    """Out-of-fold probabilities of a logistic regression per class, with a random split."""

    def fit(rows):
        models = [LogisticRegression().fit(x[rows], carried[rows]) for carried in targets.T]
        return lambda held: np.column_stack([model.predict_proba(x[held])[:, 1] for model in models])

    return out_of_fold(fit, np.arange(N).astype(str), targets, folds=5, seed=0)


def test_planted_flips_come_first():
    rng, task = np.random.default_rng(0), Task("multiclass", ("a", "b", "c"))
    codes = np.arange(N) % 3
    x = np.array([[0, 0], [3, 0], [0, 3]])[codes] + rng.normal(0, 0.8, (N, 2))
    flipped = rng.choice(N, 15, replace=False)
    codes[flipped] = (codes[flipped] + 1) % 3
    targets = np.eye(3, dtype=bool)[codes]
    p = _probabilities(x, targets, task)
    tenth = ranking(_clips()["clip_id"], targets, p, task)[: N // 10]
    assert np.isin(flipped, tenth).sum() >= 13
    suspected = mislabels(_clips(), targets, p, task)
    assert suspected.columns.tolist() == ["rank", "clip_id", "path", "label", "predicted", "score"]
    assert suspected["rank"].tolist() == list(range(1, len(suspected) + 1))
    assert suspected["score"].is_monotonic_increasing
    assert _clips()["clip_id"][flipped].isin(suspected["clip_id"]).sum() >= 12
    assert len(suspected) <= 25
    assert (suspected["label"] != suspected["predicted"]).mean() > 0.9


def test_clean_labels_give_few_suspects():
    task, codes = Task("binary", ("a", "b")), np.arange(N) % 2
    x = codes[:, None] * 6 + np.random.default_rng(0).normal(0, 1, (N, 1))
    targets = np.eye(2, dtype=bool)[codes]
    assert len(mislabels(_clips(), targets, _probabilities(x, targets, task), task)) <= 2


def test_a_label_too_many_and_one_too_few_of_several_a_clip():
    rng, task = np.random.default_rng(0), Task("multilabel", ("dog", "rain"))
    y_true = rng.random((N, 2)) < 0.5
    x = y_true * 4 + rng.normal(0, 0.7, (N, 2))
    targets = y_true.copy()
    for row in range(10):
        targets[row, row % 2] = ~targets[row, row % 2]
    p = _probabilities(x, targets, task)
    assert np.isin(np.arange(10), ranking(_clips()["clip_id"], targets, p, task)[: N // 10]).sum() >= 9
    suspected = mislabels(_clips(), targets, p, task)
    assert _clips()["clip_id"][:10].isin(suspected["clip_id"]).sum() >= 8
    assert len(suspected) <= 20


def test_the_finding_names_the_first_suspect():
    suspected = pd.DataFrame([(1, "c1", "a/x.wav", "dog", "cat", 0.02)] * 3)
    suspected.columns = ["rank", "clip_id", "path", "label", "predicted", "score"]
    assert findings(suspected, 300, 0.91, share=0.01) == []
    (finding,) = findings(suspected, 200, 0.91, share=0.01)
    assert finding.category == "mislabels"
    assert finding.text.startswith(
        "3 of 200 recordings (1.5%) look mislabelled to classifiers with an accuracy of 91.0%"
    )
    assert "(`a/x.wav`: labelled `dog`, predicted `cat`)" in finding.text
    assert findings(suspected.iloc[:0], 300, 0.9, share=0) == []


@pytest.mark.parametrize("task_type", ["multilabel", "multiclass"])
@pytest.mark.parametrize(("share_right", "judged"), [(0.95, True), (0.4, False)])
def test_labels_are_judged_by_classifiers_well_above_chance(task_type, share_right, judged):
    rng, task = np.random.default_rng(0), Task(task_type, ("a", "b", "c"))
    targets = np.eye(3, dtype=bool)[np.arange(N) % 3]
    predicted = np.where(rng.random((N, 1)) < share_right, targets, np.eye(3, dtype=bool)[rng.permutation(N) % 3])
    balanced, why = judge(targets, np.where(predicted, 0.9, 0.05), task)
    assert (why is None) == judged
    if not judged:
        needed = {"multiclass": "0.67", "multilabel": "0.75"}[task_type]
        assert why.startswith("cannot be judged: the references have a balanced accuracy of 0.") and needed in why
        assert balanced["low"] > 1 / 3  # above chance, but not well above it


@pytest.mark.parametrize("task_type", ["multilabel", "multiclass"])
def test_a_class_of_one_clip(task_type):
    task, codes = Task(task_type, ("a", "b", "c")), np.where(np.arange(N) == 7, 2, np.arange(N) % 2)
    targets = np.eye(3, dtype=bool)[codes]
    p = np.where(targets, 0.9, 0.05)
    p[7] = [0.5, 0.45, 0.05]
    assert len(mislabels(_clips(), targets, p, task)) <= 1
