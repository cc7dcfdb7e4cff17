"""The search among settings: no source on both sides of a fold, the best out of fold is taken, few sources will do."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from sourcewise.core import params
from sourcewise.core.errors import NotRun, Stop
from sourcewise.datasets.task import Task
from sourcewise.models.classifiers import logreg
from sourcewise.models.examples import Examples
from sourcewise.models.sklearn.search import _folds, best
from tests.models.classifiers.known import TASKS, examples, zoo_and_params

TASK = Task("binary", ("a", "b"))


def corpus(n_sources, *, seed=0, n=120):
    """Two columns: the first tells the source, the second, weakly, the class; each source has one class."""
    rng = np.random.default_rng(seed)
    source = np.arange(n) % n_sources
    there = source % 2 == 1
    x = np.column_stack([source * 10 + rng.normal(0, 0.1, n), there * 2 + rng.normal(0, 1, n)])
    return Examples(pd.DataFrame(x), np.column_stack([~there, there]), np.array([f"s{s}" for s in source]))


def rows(x, p):
    return x.to_numpy()


@pytest.mark.parametrize("name", ["binary", "multilabel"])
def test_folds_keep_sources_together_and_hold_every_clip_once(name):
    train = corpus(12)
    if name == "multilabel":
        train = train._replace(y=np.random.default_rng(1).random((120, 5)) < [0.5, 0.3, 0.1, 0.01, 0])
    folds = list(_folds(train, 5))
    assert len(folds) == 5
    assert sorted(np.concatenate([held for _, held in folds])) == list(range(120))
    for kept, held in folds:
        assert not set(train.sources[kept]) & set(train.sources[held])
        assert len(kept) + len(held) == 120
        assert name == "multilabel" or train.y[held].any(axis=0).all()


def test_what_is_best_by_folds_of_sources_is_chosen_though_it_is_worst_on_train():
    # one neighbour knows each source by heart, and takes an unknown one for the class of the source beside it
    train, (_, p) = corpus(12), zoo_and_params("logreg")
    makes = {"heart": lambda: KNeighborsClassifier(1), "weak": lambda: DummyClassifier(strategy="uniform")}
    grid = [{"kind": "heart"}, {"kind": "weak"}]
    model = best(lambda kind: makes[kind](), grid, rows, train, TASK, p)
    assert model._search["chosen"] == {"kind": "weak"}
    assert [tried["kind"] for tried in model._search["tried"]] == ["heart", "weak"]
    assert model._search["tried"][0]["accuracy"] < 0.3
    assert model._search["tried"][1]["cross_entropy"] == pytest.approx(np.log(2), abs=1e-6)
    by_clip = train._replace(sources=np.arange(120).astype(str))
    assert best(lambda kind: makes[kind](), grid, rows, by_clip, TASK, p)._search["chosen"] == {"kind": "heart"}


@pytest.mark.parametrize(("n_sources", "n_folds"), [(6, 3), (4, 2), (3, 1), (2, 0), (1, 0)])
def test_few_sources_are_fewer_folds(n_sources, n_folds):
    train, (_, p) = corpus(n_sources), zoo_and_params("logreg")
    if n_sources == 1:
        train.y[:60] = ~train.y[:60]
    model = best(lambda C: LogisticRegression(C=C), [{"C": 1}, {"C": 9}], rows, train, TASK, p)
    assert model._search["folds"] >= n_folds
    assert n_folds or model._search == {"folds": 0, "chosen": {"C": 1}, "tried": [{"C": 1}, {"C": 9}]}
    assert model.predict(train.x).shape == (120, 2)


@pytest.mark.parametrize("kind", TASKS)
def test_one_c_is_taken_and_of_several_one_is_chosen(kind, tmp_path):
    train = examples(kind, "table")["train"]
    for C, searched in ((0.3, False), ([0.3], True), ([0.001, 10], True)):
        zoo, p = zoo_and_params("logreg", C=C)
        model = zoo.fit(train, None, TASKS[kind], p)
        model.save(tmp_path)
        assert (model._search is not None) == searched
    found = json.loads((tmp_path / "search.json").read_text())
    assert found["folds"] == 4  # sources that train has
    assert found["chosen"] == {"C": 10}  # 0.001 lets no column count
    assert [tried["C"] for tried in found["tried"]] == [0.001, 10]


@pytest.mark.parametrize("C", [0, [], [1, -1], "x"])
def test_a_wrong_c_is_named(C):
    section = {"input": "table", "family": "sklearn", "C": C, "max_iter": 10}
    train = {"threshold": None, "folds": 2, "precision": "float32", "devices": 1}
    with pytest.raises(Stop, match=r"classifiers\.logreg\.C[ .]"):
        params.check(logreg.Params, section | {"train": train}, "classifiers.logreg")


@pytest.mark.parametrize(("kind", "pairs"), [("tones", 5), ("rhythms", 3), ("events", 5)])
def test_penalties_and_solvers_that_do_not_go_together_are_left_out(kind, pairs):
    zoo, p = zoo_and_params("logreg_rms_zcr")
    model = zoo.fit(examples(kind, "table")["train"], None, TASKS[kind], p)
    assert len(model._search["tried"]) == 3 * pairs
    with pytest.raises(NotRun, match="no solver of lbfgs fits penalty l1 and this task: add saga"):
        zoo.fit(examples(kind, "table")["train"], None, TASKS[kind], p.model_copy(update=LASSO))


LASSO = {"penalty": ["l1"], "solver": ["lbfgs"]}


@pytest.mark.parametrize(
    ("name", "widths"), [("logreg_png", 21_000), ("linear_svc_png", 21_000), ("mlp_png", 21_000), ("mlp", 57)]
)
def test_as_many_columns_as_the_reports_have(name, widths):
    zoo, p = zoo_and_params(name)
    if p.input == "png":
        p = p.model_copy(update={"height": 100, "width": 70})
    small = examples("tones", p.input)["train"].take(np.arange(8))
    p = p.model_copy(update={"iterations": 2} if "iterations" in type(p).model_fields else {})
    assert zoo.fit(small, None, TASKS["tones"], p)._estimator.n_features_in_ == widths
