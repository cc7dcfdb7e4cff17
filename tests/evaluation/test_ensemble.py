from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sourcewise.core.paths import PREDICTIONS
from sourcewise.datasets import manifest
from sourcewise.evaluation import choice, ensemble, predictions, temperature
from sourcewise.storage.files import read_json, write_json
from tests.evaluation.predicted import Corpus, task_of


@pytest.fixture
def written(in_tmp):
    """A function that stores {name: probabilities} as `train` does, and the ensemble of them: (members, thresholds)."""

    def _write(corpus, scores, **options):
        folders = {name: PREDICTIONS / name for name in scores}
        for name, p in scores.items():
            tables = [_table(corpus, p, fold, part) for fold in corpus.split.folds for part in ("validation", "test")]
            manifest.write(pd.concat(tables), folders[name] / predictions.PROBABILITIES)
            thresholds = dict(zip(corpus.task.classes, corpus.task.thresholds().tolist(), strict=True))
            write_json(folders[name] / predictions.THRESHOLDS, [thresholds for _ in corpus.split.folds])
        candidates = {name: corpus.candidate(p) for name, p in scores.items()}
        to = in_tmp / "data/ensemble"
        return ensemble.write(to, candidates, folders, corpus.clips, corpus.task, **{"most": 10} | options), candidates

    return _write


def _table(corpus, p, fold, part):
    rows = corpus.split.rows(fold, part)
    columns = {f"p({name})": p[rows, k].round(6) for k, name in enumerate(corpus.task.classes)}
    return pd.DataFrame({"clip_id": corpus.clips["clip_id"].iloc[rows], "fold": fold, "split": part} | columns)


def _read(corpus, part):
    return predictions.of_recordings(Path("data/ensemble"), corpus.clips, corpus.task, part)


def test_it_is_the_mean_of_the_scaled_probabilities_of_the_best_on_validation(written):
    corpus = Corpus(task_of(3), 20)
    scores = {"bad": corpus.scores(0.1), "good": corpus.scores(0.8), "best": corpus.scores(0.85)}
    (members, _), _ = written(corpus, scores, most=2)
    assert list(members[0]) == ["best", "good"]
    rows = corpus.split.rows(0, "test")
    expected = np.mean(
        [temperature.scaled(scores[name][rows], t, corpus.task) for name, t in members[0].items()], axis=0
    )
    assert _read(corpus, "test").y_score == pytest.approx(expected, abs=2e-6)


def test_independent_errors_cancel_out(written):
    corpus = Corpus(task_of(4), 40, n_folds=4)
    scores = {f"c{k}": corpus.scores(0.6) for k in range(8)}
    _, candidates = written(corpus, scores)
    test = _read(corpus, "test")
    alone = [(of.test.y_pred & of.test.y_true).any(axis=1).mean() for of in candidates.values()]
    assert (test.y_pred & test.y_true).any(axis=1).mean() > max(alone) + 0.1
    together = choice.candidate(_read(corpus, "validation"), test, corpus.task)
    assert choice.choose_among(candidates | {"ensemble": together}).name == "ensemble"


def test_each_fold_has_its_own_members_and_no_more_than_allowed(written):
    corpus = Corpus(task_of(2), 12, n_folds=2)
    good, bad = corpus.scores(0.95), corpus.scores(0.1)
    halves = [good.copy(), bad.copy()]
    first = corpus.split.rows(0, "validation")
    halves[0][first], halves[1][first] = bad[first], good[first]
    (members, _), _ = written(corpus, {"a": halves[0], "b": halves[1], "c": corpus.scores(0.9)}, most=2)
    assert [set(of) for of in members] == [{"b", "c"}, {"a", "c"}]


def test_thresholds_are_chosen_on_validation_unless_params_yaml_sets_them(written):
    corpus = Corpus(task_of(2, several=True), 20)
    scores = {"a": corpus.scores(0.8), "b": corpus.scores(0.8)}
    (_, thresholds), _ = written(corpus, scores)
    assert set(thresholds) == {"a", "b"} and thresholds == read_json("data/ensemble/thresholds.json")[0]
    (_, thresholds), _ = written(corpus, scores, threshold=0.3)
    assert thresholds == {"a": 0.3, "b": 0.3}
