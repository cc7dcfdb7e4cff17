"""Every classifier: it learns, what is stored is what was fitted, the bytes repeat, and loading runs nothing."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

from sourcewise.core import registry
from sourcewise.core.errors import Stop
from sourcewise.models.keras import training
from sourcewise.models.sklearn import estimators
from sourcewise.models.training import fit, load
from tests.conftest import REPOSITORY, kill_in_call
from tests.models.classifiers.known import ENTRIES, ONE_EACH, TASKS, entry, examples
from tests.models.classifiers.small import REACHED, UNLEARNABLE


@pytest.fixture(autouse=True)
def somewhere(tmp_path, monkeypatch):
    """Checkpoints of tests that run side by side must not meet."""
    monkeypatch.chdir(tmp_path)


def fitted(name, task_name, folder):
    """The classifier fitted on a known task and stored; its probabilities for unseen clips, and their targets."""
    module, p = entry(name)
    parts = examples(task_name, p.features)
    fit(module, parts["train"], parts["validation"], TASKS[task_name], p).save(folder)
    return load(folder).predict(parts["test"].x), parts["test"].y


def test_every_module_has_an_entry():
    assert {entry(name)[1].model for name in ENTRIES} == set(registry.names("models.classifiers"))


#: Networks whose last layer is the one that they share have rhythms alone, but for one of each kind of features and
#: those that explain what they cannot learn; EVERY_TASK=1, as in `make torture`, has all.
FEW = {
    name
    for name in ENTRIES
    if entry(name)[1].family == "keras" and name not in {"cnn", "crnn", "cnn_per_class", "cnn_basic", *UNLEARNABLE}
}
LEARNED = [
    (name, task_name)
    for name in ENTRIES
    for task_name in TASKS
    if name not in FEW or task_name == "rhythms" or "EVERY_TASK" in os.environ
]


@pytest.mark.parametrize(("name", "task_name"), LEARNED)
def test_it_learns_what_can_be_known(name, task_name, tmp_path):
    task = TASKS[task_name]
    probabilities, y = fitted(name, task_name, tmp_path)
    assert probabilities.shape == y.shape
    assert (probabilities >= 0).all() and (probabilities <= 1).all()
    if task.one_label:
        assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)
    right = task.decide(probabilities) == y
    accuracy = right.all(axis=1).mean() if task.one_label else right.mean()
    least = REACHED.get(name, 0) if task_name in UNLEARNABLE.get(name, ()) else 0.95
    assert accuracy > least


@pytest.mark.parametrize("name", UNLEARNABLE)
def test_what_it_cannot_learn_is_explained(name):
    explanation = entry(name)[0].__doc__
    assert all(task_name in explanation for task_name in UNLEARNABLE[name]), explanation


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """Where the folder of each classifier lies that is briefly trained in this process."""
    return tmp_path_factory.mktemp("stored")


@pytest.mark.parametrize("name", ENTRIES)
def test_what_is_stored_is_what_was_fitted_and_clips_do_not_touch_each_other(name, stored):
    model, x = briefly_fitted(name, stored), examples("rhythms", entry(name)[1].features)["test"]
    loaded = load(stored / name)
    before, after = model.predict(x.x), loaded.predict(x.x)
    assert np.array_equal(before, after)
    alone = np.concatenate([loaded.predict(x.x_of([i])) for i in (0, 40, 95)])
    assert np.array_equal(alone.round(6), after[[0, 40, 95]].round(6))


def test_of_many_classes_few_rows_are_asked_at_once(monkeypatch):
    module, p = entry("svm")
    parts = examples("rhythms", p.features)
    model = fit(module, parts["train"], parts["validation"], TASKS["rhythms"], p)
    at_once = model.predict(parts["test"].x)
    monkeypatch.setattr(estimators, "PAIRS_AT_ONCE", 50)
    assert np.array_equal(model.predict(parts["test"].x), at_once)


def briefly_fitted(name, root):
    """The classifier fitted on rhythms, stored in its folder in root."""
    module, p = entry(name, **({"training": {"epochs": 2}} if entry(name)[1].family == "keras" else {}))
    parts = examples("rhythms", p.features)
    model = fit(module, parts["train"], parts["validation"], TASKS["rhythms"], p)
    (root / name).mkdir()
    model.save(root / name)
    return model


ELSEWHERE = """
import sys
from pathlib import Path
from tests.models.classifiers.test_every_classifier import briefly_fitted
for name in sys.argv[1:]:
    briefly_fitted(name, Path("models"))
"""


def test_the_bytes_repeat_in_another_process(stored, tmp_path):
    for name in ONE_EACH:
        if not (stored / name).is_dir():
            briefly_fitted(name, stored)
    (tmp_path / "models").mkdir()
    env = os.environ | {"PYTHONHASHSEED": "2", "PYTHONPATH": str(REPOSITORY)}
    # in the other order, as it must not matter what was trained before in the same process
    subprocess.run([sys.executable, "-c", ELSEWHERE, *ONE_EACH[::-1]], env=env, cwd=tmp_path, check=True)
    for name in ONE_EACH:
        assert _digests(stored / name) == _digests(tmp_path / "models" / name), name


def _digests(folder):
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_parameters_are_read_without_tensorflow():
    code = (
        "import sys; from sourcewise.core import registry; "
        "[registry.module('models.classifiers', name) for name in registry.names('models.classifiers')]; "
        "assert not {'tensorflow', 'keras'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=REPOSITORY)


def test_a_killed_training_goes_on_and_ends_the_same(tmp_path, monkeypatch, capsys):
    module, p = entry("cnn", layers={"dropout": 0.3}, training={"epochs": 6, "mixup": 0.2, "mask": [0.1, 0.1]})
    parts = examples("rhythms", p.features)
    arguments = parts["train"], parts["validation"], TASKS["rhythms"], p
    for folder in ("undisturbed", "killed"):
        (tmp_path / folder).mkdir()
    fit(module, *arguments).save(tmp_path / "undisturbed")
    epochs = kill_in_call(monkeypatch, training, "_train", 4)
    with pytest.raises(KeyboardInterrupt):
        fit(module, *arguments)
    fit(module, *arguments).save(tmp_path / "killed")
    assert "resumes after epoch 3 of an earlier run" in capsys.readouterr().out
    assert len(epochs) == 4 + 3
    for path in (tmp_path / "undisturbed").iterdir():
        assert path.read_bytes() == (tmp_path / "killed" / path.name).read_bytes(), path.name
    assert not list((tmp_path / ".checkpoints").iterdir())


def test_a_training_that_diverges_stops_with_the_cure():
    module, p = entry("cnn", training={"learning_rate": 4e9})
    train = examples("tones", p.features)["train"]
    with pytest.raises(Stop, match="the loss is nan after epoch 1: lower learning_rate"):
        fit(module, train, train, TASKS["tones"], p)


def test_a_class_that_every_training_clip_carries(tmp_path):
    module, p = entry("logreg")
    train = examples("events", p.features)["train"]
    train = train._replace(y=train.y | (np.arange(3) == 1))
    fit(module, train, train, TASKS["events"], p).save(tmp_path)
    assert load(tmp_path).predict(train.x)[:, 1].tolist() == [1.0] * len(train.y)


def test_other_data_or_parameters_do_not_go_on_from_a_checkpoint(monkeypatch):
    module, p = entry("cnn")
    _, longer = entry("cnn", training={"epochs": p.training.epochs + 1})
    parts = examples("tones", p.features)
    keys = set()

    class Seen(Exception):
        pass

    def key_only(self, variables, key):
        keys.add(key)
        raise Seen

    monkeypatch.setattr(training.Checkpoint, "__init__", key_only)
    for train, settings in ((parts["train"], p), (parts["train"], p), (parts["test"], p), (parts["train"], longer)):
        with pytest.raises(Seen):
            fit(module, train, parts["validation"], TASKS["tones"], settings)
    assert len(keys) == 3


def test_a_network_keeps_the_epoch_of_least_validation_loss(tmp_path):
    module, p = entry("cnn")
    parts = examples("rhythms", p.features)
    fit(module, parts["train"], parts["validation"], TASKS["rhythms"], p).save(tmp_path)
    rows = [line.split(",") for line in (tmp_path / "history.csv").read_text().splitlines()[1:]]
    predicted = np.clip(load(tmp_path).predict(parts["validation"].x), 1e-7, 1)
    loss = -np.log(predicted[parts["validation"].y]).mean()
    assert loss == pytest.approx(min(float(row[2]) for row in rows), abs=1e-4)
