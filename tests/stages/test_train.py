"""The folds of a cross-validation: trained side by side or one by one, killed and resumed."""

import re
import shutil

import numpy as np
import pandas as pd
import pytest

from sourcewise.compute import progress
from sourcewise.compute.processes import side_by_side
from sourcewise.datasets.folds import Split
from sourcewise.models import ready, training
from sourcewise.models.ready import Job
from sourcewise.storage.files import read_json, write_json, write_text
from stages import augment, evaluate, extract, split, train
from tests.conftest import change_params


def _in_parallel(*names):
    ready.make({"train": list(names), "generate": [], "denoise": []}, workers=2, settle=None)


@pytest.fixture
def crossed(small):
    """A function of the number of folds that makes the small corpus, with values of params.yaml, without copies."""

    def make(folds, **values):
        folder = small(split__folds=folds, augment__recipes={}, **values)
        augment.main()
        for features in ("mfcc", "table"):
            extract.main(features)
        return folder

    return make


def _probabilities(name="logreg"):
    return pd.read_csv(f"data/predictions/{name}/probabilities.csv")


def test_every_clip_is_tested_once_and_validates_once_by_a_model_that_has_not_seen_its_source(crossed):
    crossed("all")
    train.main("logreg")
    table, made = _probabilities(), Split.read()
    assert made.parts.shape == (24, 6)
    folds = {part: table[table["split"] == part].set_index("clip_id")["fold"] for part in ("test", "validation")}
    for part, fold_of in folds.items():
        assert sorted(fold_of.index) == sorted(made.clips["clip_id"])
        rows = np.arange(24), fold_of[made.clips["clip_id"]]
        assert (made.parts[rows] == part).all()
    assert set((folds["test"] - folds["validation"]) % 6) == {1}  # what fold k + 1 tests validates in fold k
    for fold in made.folds:
        seen = set(made.clips["source"].iloc[made.rows(fold, "train")])
        assert len(seen) == 4 and not seen & set(made.clips["source"].iloc[made.rows(fold, "test")])


@pytest.mark.parametrize("method", ["source", "random"])
def test_test_predictions_are_those_of_scikit_learns_cross_val_predict(crossed, method):
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler

    crossed("all", split__method=method, split__merge_duplicates=False, classifiers__logreg__C=1.0)
    train.main("logreg")
    table = _probabilities()
    made, features = Split.read(), pd.read_csv("data/features/table/table.csv")
    x = features.drop(columns=["filename", "length", "label", "rms_sd", "zero_crossing_rate_sd"]).to_numpy()
    y = (made.clips["labels"] == "low").to_numpy(int)
    pairs = [(made.rows(fold, "train"), made.rows(fold, "test")) for fold in made.folds]
    pipeline = make_pipeline(MinMaxScaler(), LogisticRegression(C=1.0, max_iter=2000))
    expected = cross_val_predict(pipeline, x, y, cv=pairs, method="predict_proba")
    result = table[table["split"] == "test"].set_index("clip_id").loc[made.clips["clip_id"], ["p(high)", "p(low)"]]
    assert np.abs(result.to_numpy() - expected).max() <= 5.1e-7
    of_all = pipeline.fit(x, y).predict_proba(x)
    assert np.abs(result.to_numpy() - of_all).max() > 1e-3  # a model that has seen them predicts otherwise


@pytest.fixture
def fits(monkeypatch):
    """The jobs that are fitted, in this process."""
    jobs, fit = [], training.work
    monkeypatch.setattr(training, "work", lambda job, folder: jobs.append(job) or fit(job, folder))
    return jobs


@pytest.fixture
def one_process(monkeypatch):
    """Jobs in parallel are done one after the other, in this process; after how many it is killed may be set."""
    limit = {"jobs": None}

    def one_by_one(function, jobs, then, **_):
        for job in jobs[: limit["jobs"]]:
            function(job)
            assert then(job, None) == []
        if limit["jobs"] is not None:
            raise KeyboardInterrupt

    monkeypatch.setattr(ready, "side_by_side", one_by_one)
    return limit


def _written(folder, *names):
    """{path: bytes} of the models and the predictions."""
    folders = [folder / of / name for of in ("models/classifiers", "data/predictions") for name in names]
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for of in folders
        for path in sorted(of.rglob("*"))
        if path.is_file()
    }


def _removed(folder):
    for of in ("models/classifiers", "data/predictions"):
        shutil.rmtree(folder / of)


def test_the_folds_of_a_model_lie_beside_each_other(crossed):
    folder = crossed(3)
    train.main("logreg")
    assert sorted(path.name for path in (folder / "models/classifiers/logreg").iterdir()) == [
        *("config.json", "fingerprint.txt", "fold-0", "fold-1", "fold-2", "labels.json", "thresholds.json"),
    ]
    assert not (folder / ready.READY / training.fingerprint("logreg")).exists()


def test_jobs_in_processes_and_one_by_one_give_the_same_bytes(crossed, monkeypatch, capsys):
    folder = crossed(3)
    for name in ("svm", "logreg"):
        train.main(name)
    expected = _written(folder, "svm", "logreg")
    assert "models/classifiers/svm/fold-2/model.skops" in expected
    _removed(folder)
    jobs = [Job("train", name, fold) for name in ("svm", "logreg") for fold in range(3)]
    monkeypatch.setattr(progress, "LINE_AFTER_S", 0)
    capsys.readouterr()
    assert side_by_side(ready.do, jobs[1:], n=2, title="train", unit="fit") == dict.fromkeys(jobs[1:])
    assert re.fullmatch(
        r"train: 1 of 5 fits, .+ left, train (svm|logreg), fold \d", capsys.readouterr().err.splitlines()[0]
    )
    for name in ("svm", "logreg"):
        train.main(name)
    assert _written(folder, "svm", "logreg") == expected


def test_a_killed_training_goes_on_with_the_folds_that_are_missing(crossed, fits):
    folder = crossed("all")
    train.main("logreg")
    expected = _written(folder, "logreg")
    assert fits == [Job("train", "logreg", fold) for fold in range(6)]
    _removed(folder)
    for fold in (0, 1, 4, 5):
        ready.do(Job("train", "logreg", fold))
    lies = folder / ready.READY / training.fingerprint("logreg")
    write_text(lies / "fold-2.999/model/model.skops", "half of it")  # a process was killed while it fitted
    write_text(lies / "joined.part/models/classifiers/logreg/fold-0/model.skops", "half of it")  # one while it joined
    write_text(lies / "joined/data/predictions/logreg/probabilities.csv", "clip_id\n")  # one while these were taken
    fits.clear()
    train.main("logreg")
    assert fits == [Job("train", "logreg", 2), Job("train", "logreg", 3)]
    assert _written(folder, "logreg") == expected and not lies.exists()


def test_an_interrupted_run_in_parallel_trains_only_what_is_missing(crossed, fits, one_process):
    folder, names = crossed(3), ("logreg", "svm")
    for name in names:
        train.main(name)
    expected = _written(folder, *names)
    _removed(folder)
    fits.clear()
    one_process["jobs"] = 4
    with pytest.raises(KeyboardInterrupt):
        _in_parallel(*names)
    assert fits == [*(Job("train", "logreg", fold) for fold in range(3)), Job("train", "svm", 0)]
    one_process["jobs"] = None
    _in_parallel(*names)
    assert fits[4:] == [Job("train", "svm", 1), Job("train", "svm", 2)]
    _in_parallel(*names)  # killed after it, before `train` took what is ready
    train.main("svm")
    train.main("logreg")
    _in_parallel(*names)
    assert len(fits) == 6
    assert _written(folder, *names) == expected


def test_a_new_entry_trains_alone(crossed, fits, one_process):
    crossed(3)
    _in_parallel("svm")
    train.main("svm")
    _in_parallel("svm", "logreg")
    assert fits[3:] == [Job("train", "logreg", fold) for fold in range(3)]


@pytest.mark.parametrize(("before", "after"), [(3, 4), (4, 3), (3, None)])
def test_another_number_of_folds_trains_all_anew(crossed, fits, one_process, before, after):
    folder = crossed(before)
    _in_parallel("logreg", "svm")
    train.main("logreg")
    change_params(folder, {"split.folds": after})
    split.main()
    fits.clear()
    _in_parallel("logreg")
    train.main("logreg")
    n = after or 1
    assert fits == [Job("train", "logreg", fold) for fold in range(n)]
    assert set(_probabilities()["fold"]) == set(range(n))
    assert len(list((folder / "models/classifiers/logreg").glob("fold-*"))) == n
    assert not list((folder / ready.READY).iterdir())  # nor what svm had left


class _Known:
    """A model that separates the classes of the small corpus at a probability of `low` of its own in each fold."""

    def __init__(self, at):
        self.at = at

    def save(self, folder):
        write_json(folder / "known.json", {"at": self.at})

    @classmethod
    def load(cls, folder):
        return cls(read_json(folder / "known.json")["at"])

    def predict(self, x):
        low = self.at + np.where(Split.read().clips["labels"].iloc[x.index] == "low", 0.05, -0.05)
        return np.column_stack([1 - low, low])


def test_a_fold_has_its_own_thresholds_and_the_averaged_model_those_of_all_validation_clips(crossed, monkeypatch):
    folder, at = crossed(3), iter([0.3, 0.35, 0.7])
    monkeypatch.setattr(training, "fit", lambda *_: _Known(next(at)))
    monkeypatch.setattr(training, "load", _Known.load)
    train.main("logreg")
    own = [{"high": 0.7, "low": 0.3}, {"high": 0.65, "low": 0.35}, {"high": 0.3, "low": 0.7}]
    assert read_json("data/predictions/logreg/thresholds.json") == own
    of_model = folder / "models/classifiers/logreg"
    assert [read_json(of_model / f"fold-{fold}/thresholds.json") for fold in range(3)] == own
    # eight clips of each class at 0.25 and 0.35, 0.3 and 0.4, 0.65 and 0.75: from 0.325 on only high at 0.65 is wrong
    assert read_json(of_model / "thresholds.json") == {"high": 0.675, "low": 0.325}
    write_json("metrics/audit.json", {"leakage": {}, "findings": []})
    evaluate.write_scores(["logreg"])
    scores = read_json("metrics/classifiers/logreg.json")
    assert scores["test"]["accuracy"]["value"] == 1 and [of["accuracy"] for of in scores["folds"]] == [1, 1, 1]


def test_a_classifier_that_cannot_run_in_one_fold_is_not_run(crossed, monkeypatch):
    folder, fit = crossed(3), training.work

    def not_in_fold_1(job, part):
        if job.fold == 1:
            raise training.NotRun("too few clips")
        fit(job, part)

    monkeypatch.setattr(training, "work", not_in_fold_1)
    train.main("logreg")
    assert list(_written(folder, "logreg")) == [
        "models/classifiers/logreg/fingerprint.txt",
        "models/classifiers/logreg/not_run.json",
        "data/predictions/logreg/not_run.json",
    ]
    assert read_json("models/classifiers/logreg/not_run.json") == {"reason": "too few clips"}
