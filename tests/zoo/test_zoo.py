"""Every classifier: it learns, what is stored is what was fitted, the bytes repeat, and loading runs nothing."""

import hashlib
import json
import os
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from stages.core import params, registry
from stages.core.examples import Examples
from stages.core.stop import Stop
from stages.core.storage import Ragged
from stages.core.task import Task
from stages.zoo import _keras
from tests.conftest import REPOSITORY

TASKS = {
    "binary": Task("binary", ("a", "b")),
    "multiclass": Task("multiclass", ("a", "b", "c")),
    "multilabel": Task("multilabel", ("a", "b", "c")),
}
PATTERNS = np.array([[1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]])
SMALL = {
    "random_forest": {"n_trees": 20},
    "xgboost": {"n_trees": 20},
    "cnn": {"frames": 16, "filters": [16, 16], "dense": 32, "epochs": 40, "learning_rate": 0.01, "dropout": 0},
}


def zoo_and_params(name):
    """A classifier and its section of params.yaml, made small."""
    zoo = registry.module("zoo", name)
    section = params.read_yaml(REPOSITORY / "params.yaml")["classifiers"][name]
    return zoo, params.check(zoo.Params, dict(section) | SMALL.get(name, {}), name)


def problem(task, kind, *, n=90, seed=0):
    """Clips that carry the pattern of each of their classes in four columns; frames or a table, as the zoo takes."""
    rng = np.random.default_rng(seed)
    y = np.eye(len(task.classes), dtype=bool)[np.arange(n) % len(task.classes)]
    if not task.one_label:
        y |= rng.random(y.shape) < 0.3
    level = (y[:, :, None] * PATTERNS[: len(task.classes)]).reshape(n, -1) * 20.0 - 60  # (n, 4 columns a class)
    if kind == "table":
        return Examples(level + rng.normal(0, 3, level.shape), y)
    clips = [np.float32(row + rng.normal(0, 3, (rng.integers(10, 40), len(row)))) for row in level]
    return Examples(Ragged.of(clips), y)


def fitted(name, task, folder):
    """The classifier fitted on the problem and stored; its accuracy on clips that it has not seen."""
    zoo, p = zoo_and_params(name)
    train, validation, test = (problem(task, p.input, seed=seed) for seed in (1, 2, 3))
    model = zoo.fit(train, validation, task, p)
    model.save(folder)
    before, after = model.predict(test.x), zoo.load(folder).predict(test.x)
    assert np.array_equal(before, after)
    return after, test.y


@pytest.mark.parametrize("kind", TASKS)
@pytest.mark.parametrize("name", registry.names("zoo"))
def test_it_learns_and_is_stored(name, kind, tmp_path):
    task = TASKS[kind]
    probabilities, y = fitted(name, task, tmp_path)
    assert probabilities.shape == (90, len(task.classes))
    assert (probabilities >= 0).all() and (probabilities <= 1).all()
    if task.one_label:
        assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert (task.decide(probabilities) == y).all(axis=1).mean() > 0.9


@pytest.mark.parametrize("name", registry.names("zoo"))
def test_the_bytes_repeat_in_processes_of_their_own(name, tmp_path):
    code = (
        "import sys; from pathlib import Path; from tests.zoo.test_zoo import TASKS, fitted; "
        f"fitted({name!r}, TASKS['multiclass'], Path(sys.argv[1]))"
    )
    digests = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        folder.mkdir()
        env = os.environ | {"PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", code, str(folder)], check=True, env=env, cwd=REPOSITORY)
        digests.append({p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()})
    assert digests[0] == digests[1]
    assert len(digests[0]) >= 2


def test_a_stored_model_cannot_name_what_to_run(tmp_path):
    zoo, _ = zoo_and_params("logreg")
    fitted("logreg", TASKS["binary"], tmp_path)
    with zipfile.ZipFile(tmp_path / "model.skops") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    schema = json.loads(members["schema.json"])
    planted = {"__class__": "system", "__module__": "os", "__loader__": "FunctionNode", "content": {}, "__id__": 999}
    schema["content"]["content"]["verbose"] = planted
    members["schema.json"] = json.dumps(schema).encode()
    with zipfile.ZipFile(tmp_path / "model.skops", "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    with pytest.raises(Exception, match="Untrusted types"):
        zoo.load(tmp_path)


def test_a_stored_network_cannot_hold_code(tmp_path):
    import keras

    zoo, _ = zoo_and_params("cnn")
    fitted("cnn", TASKS["binary"], tmp_path)
    network = keras.Sequential([keras.Input((3,)), keras.layers.Lambda(lambda x: x)])
    (tmp_path / "network.json").write_text(network.to_json(), encoding="utf-8")
    with pytest.raises(ValueError, match=r"(?i)lambda"):
        zoo.load(tmp_path)


def test_a_killed_training_goes_on_and_ends_the_same(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    zoo, p = zoo_and_params("cnn")
    p = p.model_copy(update={"epochs": 6, "dropout": 0.3})
    task = TASKS["multiclass"]
    train, validation = (problem(task, p.input, seed=seed) for seed in (1, 2))
    for folder in ("undisturbed", "killed"):
        (tmp_path / folder).mkdir()
    zoo.fit(train, validation, task, p).save(tmp_path / "undisturbed")
    epochs = []
    whole_epoch = _keras._epoch

    def killed_in_the_fourth(*arguments):
        epochs.append(1)
        if len(epochs) == 4:
            raise KeyboardInterrupt
        return whole_epoch(*arguments)

    monkeypatch.setattr(_keras, "_epoch", killed_in_the_fourth)
    with pytest.raises(KeyboardInterrupt):
        zoo.fit(train, validation, task, p)
    zoo.fit(train, validation, task, p).save(tmp_path / "killed")
    assert "goes on after epoch 3 of an earlier run" in capsys.readouterr().out
    assert len(epochs) == 4 + 3
    for path in (tmp_path / "undisturbed").iterdir():
        assert path.read_bytes() == (tmp_path / "killed" / path.name).read_bytes(), path.name
    assert not list((tmp_path / ".checkpoints").iterdir())


def test_a_training_that_diverges_stops_with_the_cure(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    zoo, p = zoo_and_params("cnn")
    train = problem(TASKS["binary"], p.input)
    with pytest.raises(Stop, match="the loss is nan after epoch 1: lower learning_rate"):
        zoo.fit(train, train, TASKS["binary"], p.model_copy(update={"learning_rate": 1e30}))


def test_a_class_that_every_training_clip_carries(tmp_path):
    zoo, p = zoo_and_params("logreg")
    task = TASKS["multilabel"]
    train = problem(task, p.input)
    train.y[:, 1] = True
    zoo.fit(train, train, task, p).save(tmp_path)
    assert zoo.load(tmp_path).predict(train.x)[:, 1].tolist() == [1.0] * 90


def test_other_data_or_parameters_do_not_go_on_from_a_checkpoint(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    zoo, p = zoo_and_params("cnn")
    task = TASKS["binary"]
    train, validation = (problem(task, p.input, seed=seed) for seed in (1, 2))
    keys = set()

    class Seen(Exception):
        pass

    def key_only(self, network, key):
        keys.add(key)
        raise Seen

    monkeypatch.setattr(_keras.Checkpoint, "__init__", key_only)
    other = problem(task, p.input, seed=9)
    longer = p.model_copy(update={"epochs": p.epochs + 1})
    for arguments in ((train, p), (train, p), (other, p), (train, longer)):
        with pytest.raises(Seen):
            zoo.fit(arguments[0], validation, task, arguments[1])
    assert len(keys) == 3


def test_a_network_keeps_the_epoch_of_least_validation_loss(tmp_path):
    zoo, p = zoo_and_params("cnn")
    task = TASKS["multiclass"]
    train, validation = (problem(task, p.input, seed=seed) for seed in (1, 2))
    model = zoo.fit(train, validation, task, p)
    model.save(tmp_path)
    rows = [line.split(",") for line in (tmp_path / "history.csv").read_text().splitlines()[1:]]
    predicted = np.clip(zoo.load(tmp_path).predict(validation.x), 1e-7, 1)
    loss = -np.log(predicted[validation.y]).mean()
    assert loss == pytest.approx(min(float(row[2]) for row in rows), abs=1e-4)
