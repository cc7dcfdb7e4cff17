"""What the networks share: how they are trained, how they are asked, how they are stored.

A network is a module with `Params`, a section of one of the kinds in `inputs`, and `build(x, task, p)`, which returns
the Keras network for the features x of training, ending in `head(task)`.
"""

from pathlib import Path

import numpy as np

from sourcewise.compute.live_curves import Curves
from sourcewise.compute.progress import Progress
from sourcewise.core import params
from sourcewise.core.errors import Stop
from sourcewise.datasets.task import Task
from sourcewise.models.keras import networks
from sourcewise.models.keras.devices import import_keras, strategy
from sourcewise.models.keras.networks import Checkpoint, changing
from sourcewise.storage.files import read_json, write_json

AT_ONCE = 32  # windows in prediction: always as many, since sums depend on the shapes that they are made in


class Model:
    """A network, its task, its section of params.yaml, and its learning curve."""

    def __init__(self, network, task, p, history=None):
        self._network, self._task, self._p, self.history = network, task, p, history

    def predict(self, x):
        """Probabilities (n_clips, n_classes): the mean over the windows that cover each clip."""
        clips, view = self._p.clips(x), self._p.view()
        windows = ((i, window) for i in range(len(clips)) for window in view.windows(clips[i]))
        sums, counts = np.zeros((len(clips), len(self._task.classes))), np.zeros((len(clips), 1))
        for owners, batch in _batches(windows):
            found = np.asarray(self._network.predict_on_batch(batch), np.float64)[: len(owners)]
            np.add.at(sums, owners, found)
            np.add.at(counts, owners, 1)
        return sums / counts

    def save(self, folder):
        """The network, and the learning curve as CSV: nothing that runs when it is loaded."""
        folder = Path(folder)
        networks.save(folder, self._network)
        self.history.to_csv(folder / "history.csv", index=False, lineterminator="\n")
        self._task.write(folder / "labels.json")
        write_json(folder / "params.json", self._p.model_dump())


def load(model, folder):
    """The Model that `save` wrote; `model` is the class of its section."""
    import pandas as pd

    folder = Path(folder)
    p = params.check(model, read_json(folder / "params.json"), f"{folder}/params.json")
    return Model(networks.load(folder), Task.read(folder / "labels.json"), p, pd.read_csv(folder / "history.csv"))


def head(task):
    """The last layer: a dense one, and what `activation` does."""
    from keras import layers

    return layers.Dense(len(task.classes), activation=_activation(task), dtype="float32", name="probabilities")


def activation(task):
    """The last layer of a network that has each class's logit: softmax, or sigmoids for several labels a clip; in
    float32 whatever else is computed in."""
    from keras import layers

    return layers.Activation(_activation(task), dtype="float32", name="probabilities")


def _activation(task):
    return "softmax" if task.one_label else "sigmoid"


def fit(build, train, validation, task, p):
    """Train the network of `build(x, task, p)`; keep the weights of the least validation loss.

    Stops after p.training.patience epochs without a smaller one. Repeats bit by bit: one thread, and each epoch's
    order and windows drawn from (seed, epoch). A training that was killed goes on after its last whole epoch.
    """
    import pandas as pd

    keras, how = import_keras(), p.training
    keras.backend.clear_session()
    keras.config.set_dtype_policy(p.train.precision)
    keras.utils.set_random_seed(how.seed)
    clips = p.clips(train.x)
    with strategy(p.train.devices) as devices:
        network = build(train.x, task, p)
        network.compile(_optimizer(keras, how, len(clips)), _loss(task, train.y if how.balanced else None))
        if devices.num_replicas_in_sync > 1:  # Keras cannot see shapes in what `_shared` gives
            network.test_on_batch(np.zeros((1, *p.shape(train.x)), np.float32), np.float32(train.y[:1]))
        variations = _variations(how)
        checkpoint = Checkpoint(changing(network, variations), _key(network, train, validation, p))
        rows, weights = checkpoint.restore("train")
    model, loss = Model(network, task, p), _loss(task)
    bar = Progress(total=how.epochs, done=len(rows), what="train", unit="epoch")
    with bar, Curves("train_loss", "validation_loss") as curves:
        for epoch in range(len(rows), how.epochs):
            losses = [row[2] for row in rows]
            if rows and epoch - 1 - int(np.argmin(losses)) >= how.patience:
                break
            batches = _epoch(clips, train.y, p, np.random.default_rng([how.seed, epoch]), devices)
            train_loss = _train(network, batches, variations, devices)
            predicted = model.predict(validation.x)
            validation_loss = float(np.mean(loss(validation.y.astype(np.float32), predicted.astype(np.float32))))
            if not np.isfinite(validation_loss):
                raise Stop(f"the loss is {validation_loss} after epoch {epoch + 1}: lower learning_rate")
            accuracy = float((task.decide(predicted) == validation.y).all(axis=1).mean())
            if validation_loss < min(losses, default=np.inf):
                weights = network.get_weights()
            rows.append((epoch, train_loss, validation_loss, accuracy))
            checkpoint.write(rows, weights)
            curves.update(rows)
            bar.update(note=f"loss {train_loss:.3f}, validation {validation_loss:.3f}, accuracy {accuracy:.3f}")
    checkpoint.remove()
    network.set_weights(weights)
    columns = ["epoch", "train_loss", "validation_loss", "validation_accuracy"]
    return Model(network, task, p, pd.DataFrame(rows, columns=columns).astype({"epoch": int}).round(6))


def _key(network, train, validation, p):
    """What a training is made of: network, parameters, code and data, as a name for its checkpoint."""
    digest = networks.digest_of([network], p, Path(__file__).parent)
    for examples in (train, validation):
        digest.update(np.packbits(examples.y).tobytes())
        for clip in p.clips(examples.x):
            digest.update(np.ascontiguousarray(clip).data)
    return digest.hexdigest()


def _optimizer(keras, how, n_clips):
    steps = how.epochs * -(-n_clips // how.batch)
    schedule = keras.optimizers.schedules.CosineDecay(how.learning_rate, steps)
    if how.optimizer == "sgd":
        return keras.optimizers.SGD(schedule, momentum=0.9, weight_decay=how.weight_decay or None)
    return keras.optimizers.Adam(schedule, weight_decay=how.weight_decay or None)


def _loss(task, y=None):
    """Cross-entropy of probabilities, one number an example; of targets y, (n_clips, n_classes), it is balanced:
    each class counts the same, and with several labels a clip, its presence the same as its absence."""
    from keras import ops

    def cross_entropy(truth, p):  # Keras' own, as it goes back to the logits, where no probability is too small
        if task.one_label:
            weight = ops.sum(there * truth, axis=-1)
            return weight * ops.categorical_crossentropy(there * truth / weight[:, None], p)
        weight = there * truth + absent * (1 - truth)
        return ops.mean(weight * ops.binary_crossentropy(there * truth / weight, p), axis=-1)

    there, absent = np.ones(len(task.classes), np.float32), np.ones(len(task.classes), np.float32)
    if y is not None:
        counts, sides = y.sum(axis=0), len(task.classes) if task.one_label else 2
        there = np.float32(len(y) / sides / np.maximum(counts, 1))
        absent = np.float32(len(y) / sides / np.maximum(len(y) - counts, 1))
    return cross_entropy


def _variations(how):
    from sourcewise.models.keras.layers import Mixup, SpecAugment

    variations = [SpecAugment(how.mask, seed=how.seed)] if any(how.mask) else []
    return variations + ([Mixup(how.mixup, seed=how.seed)] if how.mixup else [])


def _epoch(clips, y, p, rng, devices):
    """Batches (x, y) of one pass over the clips in a new order, a random window of each; a multiple of the devices."""
    view, n_devices = p.view(), devices.num_replicas_in_sync
    order = np.resize(rng.permutation(len(clips)), -(-len(clips) // n_devices) * n_devices)
    batch = -(-p.training.batch // n_devices) * n_devices
    for first in range(0, len(order), batch):
        rows = order[first : first + batch]
        yield np.stack([view.example(clips[row], rng) for row in rows]), y[rows].astype(np.float32)


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
    return devices.experimental_distribute_values_from_function(lambda at: parts[at.replica_id_in_sync_group])


def _batches(windows):
    """The numbered windows in stacks of AT_ONCE, the last one filled up: (numbers, stack)."""
    numbers, stack = [], []
    for number, window in windows:
        numbers.append(number)
        stack.append(window)
        if len(stack) == AT_ONCE:
            yield numbers, np.stack(stack)
            numbers, stack = [], []
    if stack:
        yield numbers, np.stack(stack + [stack[-1]] * (AT_ONCE - len(stack)))
