"""What the networks share: how they see clips, how they are trained, how they are stored."""

from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from stages.core.params import Range, Section, Share
from stages.core.progress import Progress
from stages.core.stop import Stop
from stages.core.task import Task
from stages.zoo._keras.backend import import_keras
from stages.zoo._keras.checkpoint import Checkpoint, key
from stages.zoo._keras.windows import all_starts, crop, normalise, random_start, vary

CLIPS_AT_ONCE = 64  # in prediction
RANGE_DB = 50  # what lies further below a clip's loudest value is taken for silence


class Variation(Section):
    """How far training clips are varied, new in every epoch: see `windows.vary`."""

    share: Annotated[float, Field(ge=0, le=1)]
    speed: Share
    shift: Share
    tilt_db: NonNegativeFloat
    noise_db: Range[NonNegativeFloat]


class Training(Section):
    """How a network is trained; `frames` is the length of its windows, `patience` is in epochs."""

    frames: PositiveInt
    vary: Variation
    epochs: PositiveInt
    patience: PositiveInt
    batch: PositiveInt
    learning_rate: PositiveFloat
    weight_decay: NonNegativeFloat
    seed: NonNegativeInt


class Model:
    """A network on windows of frames, its task, and its learning curve."""

    def __init__(self, network, task, history=None):
        self._network, self._task, self._history = network, task, history
        self._frames = network.input_shape[1]

    def predict(self, x):
        """Probabilities (n_clips, n_classes): the mean over the windows that cover each clip."""
        groups = (range(first, min(first + CLIPS_AT_ONCE, len(x))) for first in range(0, len(x), CLIPS_AT_ONCE))
        return np.concatenate([self._predict_clips([x[i] for i in group]) for group in groups]).astype(np.float64)

    def save(self, folder):
        """Layers as JSON, weights as HDF5, the learning curve as CSV: nothing that runs when it is loaded."""
        folder = Path(folder)
        (folder / "network.json").write_text(self._network.to_json() + "\n", encoding="utf-8")
        self._network.save_weights(folder / "network.weights.h5")
        self._history.to_csv(folder / "history.csv", index=False, lineterminator="\n")
        self._task.write(folder / "labels.json")

    def _predict_clips(self, clips):
        starts = [all_starts(len(clip), self._frames) for clip in clips]
        windows = [
            crop(normal, self._frames, start)
            for normal, places in zip((normalise(clip, range_db=RANGE_DB) for clip in clips), starts, strict=True)
            for start in places
        ]
        p = np.asarray(self._network.predict_on_batch(np.stack(windows)))  # (windows, classes)
        ends = np.cumsum([len(places) for places in starts])
        return np.stack([part.mean(axis=0) for part in np.split(p, ends[:-1])])


def load(folder):
    """The Model that `save` wrote."""
    folder = Path(folder)
    network = import_keras().models.model_from_json((folder / "network.json").read_text(encoding="utf-8"))
    network.load_weights(folder / "network.weights.h5")
    return Model(network, Task.read(folder / "labels.json"), pd.read_csv(folder / "history.csv"))


def head(task):
    """The last layer and its loss: softmax and cross-entropy, or sigmoids and binary ones for several labels."""
    from keras import layers

    activation, loss = ("softmax", "categorical_crossentropy") if task.one_label else ("sigmoid", "binary_crossentropy")
    return layers.Dense(len(task.classes), activation=activation, name="probabilities"), loss


def fit(build, train, validation, task, p):
    """Train the network that `build()` returns with its loss; keep the weights of the least validation loss.

    Stops after p.patience epochs without a smaller one. Repeats bit by bit: one thread, and each epoch's order and
    windows drawn from (seed, epoch). A training that was killed goes on after its last whole epoch.
    """
    keras = import_keras()
    keras.backend.clear_session()
    keras.utils.set_random_seed(p.seed)
    network, loss = build()
    steps = p.epochs * -(-len(train.x) // p.batch)
    schedule = keras.optimizers.schedules.CosineDecay(p.learning_rate, steps)
    network.compile(keras.optimizers.AdamW(schedule, weight_decay=p.weight_decay), loss)
    model, loss = Model(network, task), keras.losses.get(loss)
    checkpoint = Checkpoint(network, key(network, train, validation, p))
    rows, weights = checkpoint.restore()
    with Progress(total=p.epochs, done=len(rows), what="train", unit="epoch") as bar:
        for epoch in range(len(rows), p.epochs):
            losses = [row[2] for row in rows]
            if rows and epoch - 1 - int(np.argmin(losses)) >= p.patience:
                break
            train_loss = _epoch(network, train, p, np.random.default_rng([p.seed, epoch]))
            predicted = model.predict(validation.x)
            validation_loss = float(np.mean(loss(validation.y.astype(np.float32), predicted.astype(np.float32))))
            if not np.isfinite(validation_loss):
                raise Stop(f"train: the loss is {validation_loss} after epoch {epoch + 1}: lower learning_rate")
            accuracy = float((task.decide(predicted) == validation.y).all(axis=1).mean())
            if validation_loss < min(losses, default=np.inf):
                weights = network.get_weights()
            rows.append((epoch, train_loss, validation_loss, accuracy))
            checkpoint.write(rows, weights)
            bar.update(note=f"loss {train_loss:.3f}, validation {validation_loss:.3f}, accuracy {accuracy:.3f}")
    checkpoint.remove()
    network.set_weights(weights)
    columns = ["epoch", "train_loss", "validation_loss", "validation_accuracy"]
    return Model(network, task, pd.DataFrame(rows, columns=columns).astype({"epoch": int}).round(6))


def _epoch(network, train, p, rng):
    """One pass over the clips in a new order, a random window of each; the mean loss."""
    losses, order = [], rng.permutation(len(train.x))
    for first in range(0, len(order), p.batch):
        rows = order[first : first + p.batch]
        varied = (vary(train.x[row], **p.vary.model_dump(), rng=rng) for row in rows)
        clips = [normalise(clip, range_db=RANGE_DB) for clip in varied]
        x = np.stack([crop(clip, p.frames, random_start(len(clip), p.frames, rng)) for clip in clips])
        losses.append((len(rows), float(network.train_on_batch(x, train.y[rows].astype(np.float32)))))
        network.reset_metrics()
    return float(np.average([loss for _, loss in losses], weights=[n for n, _ in losses]))
