"""The trainer of all networks: what it weighs, varies and restores, on networks of a layer or two."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from sourcewise.core import params
from sourcewise.core.errors import Stop
from sourcewise.datasets.task import Task
from sourcewise.models.classifiers import cnn
from sourcewise.models.examples import Examples
from sourcewise.models.keras import training
from sourcewise.models.keras.devices import import_keras
from sourcewise.storage.files import Ragged
from tests.conftest import REPOSITORY, kill_in_call

BINARY, MULTILABEL = Task("binary", ("common", "rare")), Task("multilabel", ("a", "b"))
TRAINING = {
    "epochs": 6,
    "patience": 6,
    "batch": 16,
    "optimizer": "adam",
    "learning_rate": 0.01,
    "weight_decay": 0.0,
    "balanced": False,
    "mixup": 0.0,
    "mask": [0.0, 0.0],
    "augment": {"probability": 0, "speed": 0, "shift": 0, "tilt_db": 0, "noise_db": [0, 0]},
    "precision": "float32",
    "devices": 1,
    "seed": 0,
}
ENTRY = {"model": "cnn", "family": "keras", "features": "mel", "frames": 6}
LAYERS = {"filters": [1], "dense": 1, "dropout": 0}  # which the networks here do without


@pytest.fixture(autouse=True)
def somewhere(tmp_path, monkeypatch):
    """Checkpoints belong to one test."""
    monkeypatch.chdir(tmp_path)
    yield
    import_keras().config.set_dtype_policy("float32")


def section(**training):
    """Windows of six frames, with other values in training."""
    return params.check(cnn.Params, ENTRY | {"layers": LAYERS, "training": TRAINING | training}, "test")


def clips(n, share, *, seed, gap=1.0, frames=6):
    """n clips of frames with four columns, of which every 1 / share-th is rare: column 0 rises with time, `gap` times
    as steeply as noise of deviation 1 varies."""
    rng = np.random.default_rng(seed)
    rare = np.arange(n) % round(1 / share) == 0
    x = rng.normal(0, 1, (n, frames, 4))
    x[:, :, 0] += gap * rare[:, None] * np.linspace(-1, 1, frames)
    return Examples(Ragged.of(list(np.float32(x))), np.stack([~rare, rare], axis=1), np.arange(n).astype(str))


class Dense:
    """The module of the smallest network."""

    @staticmethod
    def build(x, task, p):
        """Its head alone."""
        import keras
        from keras import layers

        return keras.Sequential([keras.Input(p.shape(x)), layers.Flatten(), training.head(task)])


def test_the_loss_of_one_label_is_the_negative_log_of_its_probability():
    import_keras()
    y = np.array([[1, 0], [0, 1]], np.float32)
    result = np.asarray(training._loss(BINARY)(y, np.float32([[0.9, 0.1], [0.75, 0.25]])))
    assert result == pytest.approx([0.1053605, 1.3862944], abs=1e-6)  # -ln 0.9, -ln 0.25


def test_balanced_classes_weigh_the_same_together():
    import_keras()
    y = np.arange(10)[:, None] < [[9, 0]]
    y[:, 1] = ~y[:, 0]
    loss = training._loss(BINARY, y)
    result = np.asarray(loss(np.float32([[1, 0], [0, 1]]), np.float32([[0.5, 0.5], [0.5, 0.5]])))
    # 10 / 2 / 9 and 10 / 2 / 1, times ln 2
    assert result == pytest.approx([0.3850818, 3.4657359], abs=1e-6)
    assert 9 * result[0] == pytest.approx(result[1], abs=1e-5)


def test_with_several_labels_presence_weighs_the_same_as_absence():
    import_keras()
    y = np.array([[True, True], [False, True], [False, False], [False, False]])
    loss, half = training._loss(MULTILABEL, y), np.full((2, 2), 0.5, np.float32)
    result = np.asarray(loss(np.float32([[1, 1], [0, 0]]), half))
    # a: 4 / 2 / 1 there, 4 / 2 / 3 not; b: 1 and 1; the mean of both, times ln 2
    assert result == pytest.approx([1.0397208, 0.5776227], abs=1e-6)
    plain = np.asarray(training._loss(MULTILABEL)(np.float32([[1, 0]]), np.float32([[0.9, 0.25]])))
    assert plain == pytest.approx([0.1965213], abs=1e-6)  # (-ln 0.9 - ln 0.75) / 2


def test_a_probability_of_zero_or_one_has_a_finite_loss():
    import_keras()
    loss = training._loss(MULTILABEL)
    wrong = np.asarray(loss(np.float32([[1, 0]]), np.float32([[0, 1]])))
    assert np.isfinite(wrong).all() and wrong[0] > 15


@pytest.mark.parametrize("task", [BINARY, MULTILABEL])
def test_a_network_that_is_sure_and_wrong_still_learns(task):
    import_keras()
    import tensorflow as tf

    head = training.head(task)
    head.build((None, 1))
    head.set_weights([np.float32([[500, -500]]), np.zeros(2, np.float32)])  # its probabilities are 1 and 0 exactly
    with tf.GradientTape() as tape:
        loss = training._loss(task)(np.float32([[0, 1]]), head(np.float32([[1]])))
    assert np.abs(tape.gradient(loss, head.kernel).numpy()).min() > 0.4


def test_balanced_training_finds_more_of_a_rare_class():
    train, validation = (clips(200, 0.1, seed=seed, gap=1.5) for seed in (1, 2))
    test = clips(1000, 0.1, seed=3, gap=1.5)
    rare = test.y[:, 1]
    recall = {}
    for balanced in (False, True):
        p = section(balanced=balanced, epochs=20, patience=20)
        result = BINARY.decide(training.fit(Dense, train, validation, BINARY, p).predict(test.x))[:, 1]
        recall[balanced] = result[rare].mean()
    assert recall[True] > recall[False] + 0.2, recall


def scenes(n, *, seed):
    """n clips of 60 frames with bursts of 9 to 12 frames: of class a in column 0, of b in column 1; and their times."""
    rng, n_frames = np.random.default_rng(seed), 60
    y, x, events = rng.random((n, 2)) < 0.4, rng.normal(0, 1, (n, n_frames, 4)), []
    for row in range(n):
        bursts = [(k, int(rng.integers(48)), int(rng.integers(9, 13))) for k in np.flatnonzero(y[row])]
        for k, start, length in bursts:
            x[row, start : start + length, k] += 2.5
        events.append(np.array([(s / n_frames, (s + m) / n_frames, k) for k, s, m in bursts]).reshape(-1, 3))
    return Examples(Ragged.of(list(np.float32(x))), y, np.arange(n).astype(str), events)


def test_windows_have_the_labels_heard_in_them_where_times_are_known_else_are_pooled_before_the_loss(tmp_path):
    train, validation, test = (scenes(100, seed=seed) for seed in (1, 2, 3))
    p, right = section(epochs=20, patience=20), {}
    for known in (True, False):
        model = training.fit(Dense, train if known else train._replace(events=None), validation, MULTILABEL, p)
        model.save(tmp_path / str(known))
        scored = model.predict(test.x)
        assert np.array_equal(training.load(tmp_path / str(known)).predict(test.x), scored)
        right[known] = np.mean([roc_auc_score(test.y[:, k], scored[:, k]) for k in range(2)])
    assert right[True] > 0.99
    assert right[False] > 0.95  # 0.77 where every window has all labels of its recording


def test_of_pooled_windows_one_is_enough():
    train = scenes(4, seed=1)._replace(events=None)
    model = training.fit(Dense, train, train, MULTILABEL, section(epochs=1))
    apart = model._network.predict(np.stack(section().view().windows(train.x[0])), verbose=0)
    assert len(apart) == 10
    assert model.predict(train.x)[0] == pytest.approx(apart.max(axis=0), abs=1e-6)


def test_clips_without_times_are_left_out_where_others_have_them():
    train, validation = scenes(40, seed=1), scenes(20, seed=2)
    copies = Ragged.of([*train.x, *(clip[::-1] for clip in train.x)])
    both = Examples(copies, np.tile(train.y, (2, 1)), np.tile(train.sources, 2), train.events + [None] * 40)
    models = [training.fit(Dense, of, validation, MULTILABEL, section(epochs=2)) for of in (train, both)]
    assert np.array_equal(*(model.predict(validation.x) for model in models))


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
@pytest.mark.parametrize("precision", ["float32", "mixed_float16", "mixed_bfloat16"])
def test_it_trains_with_either_optimizer_in_any_precision(optimizer, precision, tmp_path):
    train, validation = (clips(n, 0.5, seed=n, gap=4) for n in (300, 96))
    p = section(precision=precision, optimizer=optimizer, epochs=12, patience=12)
    model = training.fit(TwoLayers(), train, validation, BINARY, p)
    model.save(tmp_path)
    layers = model._network.layers
    assert layers[-1].compute_dtype == "float32" and layers[-2].compute_dtype == precision.removeprefix("mixed_")
    assert {str(weights.dtype) for weights in model._network.get_weights()} == {"float32"}
    probabilities = training.load(tmp_path).predict(validation.x)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(96), abs=1e-6)
    assert (BINARY.decide(probabilities) == validation.y).all(axis=1).mean() > 0.9


class TwoLayers:
    """The module of a network with a layer before the head; dropout: of its input."""

    def __init__(self, dropout=0.0):
        self.dropout = dropout

    def build(self, x, task, p):
        """The network."""
        import keras
        from keras import layers

        middle = [layers.Flatten(), layers.Dropout(self.dropout), layers.Dense(8, "tanh")]
        return keras.Sequential([keras.Input(p.shape(x)), *middle, training.head(task)])


def test_the_two_optimizers_differ():
    train, validation = (clips(32, 0.5, seed=seed) for seed in (1, 2))
    result = [
        training.fit(Dense, train, validation, BINARY, section(optimizer=name, epochs=1))._network.get_weights()[0]
        for name in ("adam", "sgd")
    ]
    assert not np.allclose(*result)


@pytest.mark.parametrize("precision", ["float32", "mixed_float16"])
def test_a_killed_training_restores_the_seeds_of_all_random_layers(precision, monkeypatch):
    train, validation = (clips(48, 0.5, seed=seed, frames=9) for seed in (1, 2))
    options = {"mixup": 0.4, "mask": [0.3, 0.3], "learning_rate": 0.003}
    p = section(precision=precision, **options)
    module = TwoLayers(dropout=0.5)
    whole = training.fit(module, train, validation, BINARY, p)
    done = kill_in_call(monkeypatch, training, "_train", 4)
    with pytest.raises(KeyboardInterrupt):
        training.fit(module, train, validation, BINARY, p)
    resumed = training.fit(module, train, validation, BINARY, p)
    assert len(done) == 4 + 3
    assert resumed.history.equals(whole.history)
    for one, other in zip(resumed._network.get_weights(), whole._network.get_weights(), strict=True):
        assert np.array_equal(one, other)


DEVICES = """
import json
import sys
import stages
import numpy as np
from sourcewise.models.keras.devices import import_keras
import_keras()
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from sourcewise.models.keras import training
from tests.models.classifiers import test_trainer as t
train, validation = (t.clips(n, 0.5, seed=seed) for n, seed in ((50, 1), (21, 2)))
found = []
for devices in (1, 2):
    p = t.section(devices=devices, batch=16, balanced=True, optimizer=sys.argv[1], epochs=4)
    model = training.fit(t.TwoLayers(), train, validation, t.BINARY, p)
    found.append([values.tolist() for values in model._network.get_weights()])
    found.append(model.predict(validation.x).tolist())
    found.append(model.history.to_numpy().tolist())
print(json.dumps(found))
"""


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_two_devices_train_what_one_does(optimizer, tmp_path):
    command = [sys.executable, "-c", DEVICES, optimizer]
    env = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    run = subprocess.run(command, cwd=tmp_path, env=env, check=True, capture_output=True, text=True)
    one, p_one, curve_one, two, p_two, curve_two = json.loads(run.stdout.splitlines()[-1])
    for a, b in zip(one, two, strict=True):
        assert np.array(a) == pytest.approx(np.array(b), abs=1e-4)
    assert np.array(p_one) == pytest.approx(np.array(p_two), abs=1e-4)
    assert np.array(p_one).shape == (21, 2)
    assert np.array(curve_one) == pytest.approx(np.array(curve_two), abs=1e-4)


def test_more_devices_than_there_are_stop_with_the_number():
    train = clips(20, 0.5, seed=1)
    with pytest.raises(Stop, match=r"train.keras.devices is 99, but this machine has \d+ [CG]PU: set it to \d+"):
        training.fit(Dense, train, train, BINARY, section(devices=99))
