"""The search among settings: no source on both sides of a fold, the best out of fold is taken, few sources will do."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from sourcewise.core.errors import NotRun, Stop
from sourcewise.datasets.task import Task
from sourcewise.models.examples import Examples
from sourcewise.models.sklearn import training
from sourcewise.models.sklearn.search import folds_of
from sourcewise.models.sklearn.settings import Estimator
from sourcewise.models.training import fit
from tests.models.classifiers.known import TASKS, entry, examples

TASK = Task("binary", ("a", "b"))


def clips_of_sources(n_sources, *, seed=0, n=120):
    """Two columns: the first identifies the source, the second, weakly, the class; each source has one class."""
    rng = np.random.default_rng(seed)
    source = np.arange(n) % n_sources
    present = source % 2 == 1
    x = np.column_stack([source * 10 + rng.normal(0, 0.1, n), present * 2 + rng.normal(0, 1, n)])
    return Examples(pd.DataFrame(x), np.column_stack([~present, present]), np.array([f"s{s}" for s in source]))


class Settings(Estimator):
    """Of a module that searches `kind`; features are rows already."""

    kind: list[str] | str

    def rows(self, x):
        """As they are."""
        return x.to_numpy()


def searched(train, kinds, make):
    """The Model that is chosen among kinds of estimators; make: {kind: function that makes one}."""
    module = SimpleNamespace(SEARCHED=("kind",), estimator=lambda p: make[p.kind]())
    shared = {"folds": 5, "max_iter": 100, "seed": 0}
    names = {"model": "m", "family": "sklearn", "features": "table"}
    p = Settings(**names, training=shared, kind=kinds)
    return training.fit(module, train, None, TASK, p)


@pytest.mark.parametrize("name", ["binary", "multilabel"])
def test_folds_keep_sources_together_and_hold_every_clip_once(name):
    train = clips_of_sources(12)
    if name == "multilabel":
        train = train._replace(y=np.random.default_rng(1).random((120, 5)) < [0.5, 0.3, 0.1, 0.01, 0])
    folds = list(folds_of(train, 5))
    assert len(folds) == 5
    assert sorted(np.concatenate([held for _, held in folds])) == list(range(120))
    for kept, held in folds:
        assert not set(train.sources[kept]) & set(train.sources[held])
        assert len(kept) + len(held) == 120
        assert name == "multilabel" or train.y[held].any(axis=0).all()


def test_what_is_best_by_folds_of_sources_is_chosen_though_it_is_worst_on_train():
    # one neighbour knows each source by heart, and takes an unknown one for the class of the source beside it
    train, makes = (
        clips_of_sources(12),
        {"heart": lambda: KNeighborsClassifier(1), "weak": lambda: DummyClassifier(strategy="uniform")},
    )
    model = searched(train, ["heart", "weak"], makes)
    assert model.searched["chosen"] == {"kind": "weak"}
    assert [tried["kind"] for tried in model.searched["tried"]] == ["heart", "weak"]
    assert model.searched["tried"][0]["accuracy"] < 0.3
    assert model.searched["tried"][1]["cross_entropy"] == pytest.approx(np.log(2), abs=1e-6)
    ungrouped = train._replace(sources=np.arange(120).astype(str))
    assert searched(ungrouped, ["heart", "weak"], makes).searched["chosen"] == {"kind": "heart"}


@pytest.mark.parametrize(("n_sources", "n_folds"), [(6, 3), (4, 2), (3, 1), (2, 0), (1, 0)])
def test_few_sources_are_fewer_folds(n_sources, n_folds):
    train = clips_of_sources(n_sources)
    if n_sources == 1:
        train.y[:60] = ~train.y[:60]
    makes = {"1": lambda: LogisticRegression(C=1), "9": lambda: LogisticRegression(C=9)}
    model = searched(train, ["1", "9"], makes)
    assert model.searched["folds"] >= n_folds
    none = {"folds": 0, "chosen": {"kind": "1"}, "tried": [{"kind": "1"}, {"kind": "9"}]}
    assert n_folds or model.searched == none
    assert model.predict(train.x).shape == (120, 2)


@pytest.mark.parametrize("task_name", TASKS)
def test_one_c_is_taken_and_of_several_one_is_chosen(task_name, tmp_path):
    train = examples(task_name, "table")["train"]
    for C, searched in ((0.3, False), ([0.3], True), ([0.001, 10], True)):
        module, p = entry("logreg", C=C)
        model = fit(module, train, None, TASKS[task_name], p)
        model.save(tmp_path)
        assert (model.searched is not None) == searched
    result = json.loads((tmp_path / "search.json").read_text())
    assert result["folds"] == 4  # sources that train has
    assert result["chosen"] == {"C": 10}  # 0.001 lets no column count
    assert [tried["C"] for tried in result["tried"]] == [0.001, 10]


@pytest.mark.parametrize("C", [0, [], [1, -1], "x"])
def test_a_wrong_c_is_named(C):
    with pytest.raises(Stop, match=r"params\.yaml: classifiers\.logreg\.C[ .]"):
        entry("logreg", C=C)


@pytest.mark.parametrize(("task_name", "pairs"), [("tones", 5), ("rhythms", 3), ("events", 5)])
def test_penalties_and_solvers_that_do_not_go_together_are_left_out(task_name, pairs):
    module, p = entry("logreg_rms_zcr")
    model = fit(module, examples(task_name, "table")["train"], None, TASKS[task_name], p)
    assert len(model.searched["tried"]) == 3 * pairs
    with pytest.raises(NotRun, match=r"solver lbfgs does not fit penalty l1 and a \w+ task: add saga"):
        fit(module, examples(task_name, "table")["train"], None, TASKS[task_name], p.model_copy(update=LASSO))


LASSO = {"penalty": ["l1"], "solver": ["lbfgs"]}


@pytest.mark.parametrize(
    ("name", "widths"), [("logreg_png", 21_000), ("linear_svc_png", 21_000), ("mlp_png", 21_000), ("mlp", 57)]
)
def test_as_many_columns_as_the_reports_have(name, widths):
    module, p = entry(name)
    if p.features == "png":
        p = p.model_copy(update={"height": 100, "width": 70})
    small = examples("tones", p.features)["train"].take(np.arange(8))
    p = p.model_copy(update={"iterations": 2} if "iterations" in type(p).model_fields else {})
    assert fit(module, small, None, TASKS["tones"], p)._estimator.n_features_in_ == widths
