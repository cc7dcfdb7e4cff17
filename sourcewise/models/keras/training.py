"""The family `keras`: training, prediction and storage of its networks.

A module of the family has `TAKES` and `build(x, task, p)`, which returns the Keras network for the features x of
training, ending in `head(task)`; see sourcewise/models/classifiers/__init__.py.
"""

from pathlib import Path

import numpy as np

from sourcewise.datasets.task import Task
from sourcewise.models import entries
from sourcewise.models.keras import loop, networks
from sourcewise.models.keras.devices import import_keras, strategy
from sourcewise.models.keras.networks import Checkpoint, changing
from sourcewise.models.keras.settings import MaskedTraining
from sourcewise.models.keras.windows import heard
from sourcewise.storage.files import read_json, write_json

WINDOWS = "windows.json"
WINDOWS_A_CLIP = 4  # in an epoch at most, where times are known
WINDOWS_POOLED = 16  # of a clip at most, before the loss, where times are not known
WINDOWS_AT_ONCE = 32  # in prediction: always as many, since rounding depends on the shape of a batch


class Model:
    """A network, its task, its section of params.yaml, and its learning curve. windows: how the probabilities of a
    clip's windows are pooled: "mean", or "max" where a label needs to be heard in one of them alone."""

    def __init__(self, network, task, p, history=None, windows="mean"):
        self._network, self._task, self._p, self.history, self._windows = network, task, p, history, windows

    def predict(self, x):
        """Probabilities (n_clips, n_classes): the mean or the maximum over the windows that cover each clip."""
        clips, view = self._p.clips(x), self._p.view()
        windows = ((i, window) for i in range(len(clips)) for window in view.windows(clips[i]))
        pooled, counts = np.zeros((len(clips), len(self._task.classes))), np.zeros((len(clips), 1))
        pool = np.maximum if self._windows == "max" else np.add
        for owners, batch in _batches(windows):
            pool.at(pooled, owners, np.asarray(self._network.predict_on_batch(batch), np.float64)[: len(owners)])
            np.add.at(counts, owners, 1)
        return pooled if self._windows == "max" else pooled / counts

    def save(self, folder):
        """Write the network, and the learning curve as CSV: nothing that runs code when loaded."""
        folder = Path(folder)
        networks.save(folder, self._network)
        self.history.to_csv(folder / "history.csv", index=False, lineterminator="\n")
        self._task.write(folder / "labels.json")
        write_json(folder / WINDOWS, {"windows": self._windows})
        entries.store(folder, self._p)


def load(folder):
    """The Model that `save` wrote."""
    import pandas as pd

    folder = Path(folder)
    _, p = entries.stored(folder)
    windows = read_json(folder / WINDOWS)["windows"]
    history = pd.read_csv(folder / "history.csv")
    return Model(networks.load(folder), Task.read(folder / "labels.json"), p, history, windows)


def head(task):
    """The last layer: a dense one with the task's activation, see `activation`."""
    from keras import layers

    return layers.Dense(len(task.classes), activation=_activation(task), dtype="float32", name="probabilities")


def activation(task):
    """The last layer of a network that outputs each class's logit: softmax, or sigmoids for several labels a clip; in
    float32 whatever the network's precision."""
    from keras import layers

    return layers.Activation(_activation(task), dtype="float32", name="probabilities")


def _activation(task):
    return "softmax" if task.one_label else "sigmoid"


def fit(module, train, validation, task, p):
    """Train the network that `module` builds; early stopping on the validation loss, best weights restored.

    Where the times of events are known and a clip has several windows, a training window has the labels heard in it;
    each epoch takes several of each clip; clips without times, such as augmented copies, are left out. Where they are
    not known and a clip can have several labels, the loss is of the maximum over the windows that cover a clip.

    Repeats bit by bit: one thread, and each epoch's order and windows drawn from (seed, epoch). A killed
    training resumes after its last whole epoch.
    """
    keras, settings = import_keras(), p.training
    keras.backend.clear_session()
    keras.config.set_dtype_policy(settings.precision)
    keras.utils.set_random_seed(settings.seed)
    train = _of_known_times(train) if p.view().length else train._replace(events=None)
    clips, view = p.clips(train.x), p.view()
    n = _pooled_windows(clips, train, task, view)
    with strategy(settings.devices) as devices:
        network = module.build(train.x, task, p)
        trained = network if n == 1 else _over_windows(network, n)
        trained.compile(
            _optimizer(keras, settings, len(_rows(clips, train, p))),
            _loss(task, train.y if settings.balanced else None),
        )
        if devices.num_replicas_in_sync > 1:  # Keras cannot infer shapes from what `_shared` returns
            trained.test_on_batch(np.zeros((1, *trained.input_shape[1:]), np.float32), np.float32(train.y[:1]))
        variations = _variations(settings)
        checkpoint = Checkpoint(changing(trained, variations), _key(network, train, validation, p))
    pooling = "max" if train.events or n > 1 else "mean"
    model, loss, view = Model(network, task, p, windows=pooling), _loss(task), _longer(view, n)

    def one_epoch(epoch):
        batches = _epoch(view, clips, train, p, np.random.default_rng([settings.seed, epoch]), devices)
        return _train(trained, batches, variations, devices)

    def validate():
        predicted = model.predict(validation.x)
        losses = loss(validation.y.astype(np.float32), predicted.astype(np.float32))
        return float(np.mean(losses)), float((task.decide(predicted) == validation.y).all(axis=1).mean())

    options = {"title": "train", "also": ("validation_accuracy",)}
    model.history = loop.train(network, settings, checkpoint, one_epoch=one_epoch, validate=validate, **options)
    return model


def _pooled_windows(clips, train, task, view):
    """How many windows of a clip are pooled before the loss: as many as cover the longest, at most WINDOWS_POOLED."""
    if task.one_label or train.events is not None or view.length is None:
        return 1
    return min(-(-max(map(len, clips)) // view.length), WINDOWS_POOLED)


def _longer(view, n):
    """The view whose window is n windows long."""
    return view._replace(length=view.length and n * view.length)


def _over_windows(network, n):
    """The network on n windows that follow each other, (batch, n * frames, ...): the maximum of their probabilities."""
    from keras import Input, Model, ops

    frames, *rest = network.input_shape[1:]
    x = Input((n * frames, *rest))
    p = network(ops.reshape(x, (-1, frames, *rest)))
    return Model(x, ops.max(ops.reshape(p, (-1, n, p.shape[-1])), axis=1))


def _of_known_times(train):
    if train.events is None:
        return train
    return train.take([row for row, events in enumerate(train.events) if events is not None])


def _key(network, train, validation, p):
    """A digest of network, parameters, code and data: the name of the checkpoint."""
    digest = networks.digest_of([network], p, Path(__file__).parent)
    for examples in (train, validation):
        digest.update(np.packbits(examples.y).tobytes())
        for clip in p.clips(examples.x):
            digest.update(np.ascontiguousarray(clip).data)
    return digest.hexdigest()


def _optimizer(keras, settings, n_windows):
    steps = settings.epochs * -(-n_windows // settings.batch)
    schedule = keras.optimizers.schedules.CosineDecay(settings.learning_rate, steps)
    if settings.optimizer == "sgd":
        return keras.optimizers.SGD(schedule, momentum=0.9, weight_decay=settings.weight_decay or None)
    return keras.optimizers.Adam(schedule, weight_decay=settings.weight_decay or None)


def _loss(task, y=None):
    """Cross-entropy of probabilities, one number an example. With targets y, (n_clips, n_classes), it is balanced: each
    class has the same weight, and with several labels a clip, its presence the same as its absence."""
    from keras import ops

    def cross_entropy(y_true, p):  # Keras' own, as it uses the logits, for which no probability is too small
        if task.one_label:
            weight = ops.sum(present * y_true, axis=-1)
            return weight * ops.categorical_crossentropy(present * y_true / weight[:, None], p)
        weight = present * y_true + absent * (1 - y_true)
        return ops.mean(weight * ops.binary_crossentropy(present * y_true / weight, p), axis=-1)

    present, absent = np.ones(len(task.classes), np.float32), np.ones(len(task.classes), np.float32)
    if y is not None:
        counts, sides = y.sum(axis=0), len(task.classes) if task.one_label else 2
        present = np.float32(len(y) / sides / np.maximum(counts, 1))
        absent = np.float32(len(y) / sides / np.maximum(len(y) - counts, 1))
    return cross_entropy


def _variations(settings):
    from sourcewise.models.keras.layers import Mixup, SpecAugment

    mask = settings.mask if isinstance(settings, MaskedTraining) else []
    variations = [SpecAugment(mask, seed=settings.seed)] if any(mask) else []
    return variations + ([Mixup(settings.mixup, seed=settings.seed)] if settings.mixup else [])


def _rows(clips, train, p):
    """The numbers of the clips of an epoch's windows: one a clip; where times are known, as many as cover it, at most
    WINDOWS_A_CLIP."""
    if train.events is None:
        return np.arange(len(clips))
    length = p.view().length
    n_windows = [np.clip(-(-len(clip) // length), 1, WINDOWS_A_CLIP) for clip in clips]
    return np.repeat(np.arange(len(clips)), n_windows)


def _epoch(view, clips, train, p, rng, devices):
    """Batches (x, y) of one pass over the clips in a new order, random windows of each; a multiple of the devices."""
    n_devices, rows = devices.num_replicas_in_sync, _rows(clips, train, p)
    order = np.resize(rng.permutation(rows), -(-len(rows) // n_devices) * n_devices)
    batch = -(-p.training.batch // n_devices) * n_devices
    for first in range(0, len(order), batch):
        rows = order[first : first + batch]
        windows, spans = zip(*(view.example(clips[row], rng) for row in rows), strict=True)
        yield np.stack(windows), _targets(train, rows, spans)


def _targets(train, rows, spans):
    """What is heard in the windows of clips, float32 (n, n_classes); spans: where each begins and ends."""
    if train.events is None:
        return train.y[rows].astype(np.float32)
    return np.stack([heard(train.events[row], *span, train.y.shape[1]) for row, span in zip(rows, spans, strict=True)])


def _train(network, batches, variations, devices):
    """One step a batch; the mean loss."""
    losses = []
    for x, y in batches:
        n = len(x)
        for variation in variations:
            x, y = variation(x, y)
        x, y = (_shared(values, devices) for values in (x, y))
        losses.append((n, float(network.train_on_batch(x, y))))
    return float(np.average([loss for _, loss in losses], weights=[n for n, _ in losses]))


def _shared(values, devices):
    """An equal part of a batch for each device."""
    if devices.num_replicas_in_sync == 1:
        return values
    parts = np.split(np.asarray(values), devices.num_replicas_in_sync)
    return devices.experimental_distribute_values_from_function(lambda context: parts[context.replica_id_in_sync_group])


def _batches(windows):
    """The numbered windows in stacks of WINDOWS_AT_ONCE, the last one filled up: (numbers, stack)."""
    numbers, stack = [], []
    for number, window in windows:
        numbers.append(number)
        stack.append(window)
        if len(stack) == WINDOWS_AT_ONCE:
            yield numbers, np.stack(stack)
            numbers, stack = [], []
    if stack:
        yield numbers, np.stack(stack + [stack[-1]] * (WINDOWS_AT_ONCE - len(stack)))
