"""Training, sampling and storage of all generators.

A generator is a module with `TAKES`, whose settings are a section of `inputs`, and two functions that return Keras
networks: `generator(n_in, p)`, of rows of noise and labels, (n_in,), to examples; and `discriminator(shape, n_labels,
p)`, of an example and its labels, to one logit.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from sourcewise.compute.live_curves import Curves
from sourcewise.compute.progress import Progress
from sourcewise.core import params
from sourcewise.core.errors import NotRun, Stop, count
from sourcewise.models.adversarial.step import PENALISED_EVERY, as_traced, compiled, joined
from sourcewise.models.keras import networks
from sourcewise.models.keras.networks import Checkpoint
from sourcewise.models.keras.tensorflow import import_keras
from sourcewise.storage.files import read_json, write_json

SAMPLES_AT_ONCE = 50  # always as many, since rounding depends on the shape of a batch
GRID = 50  # samples from the same noise, shown every few epochs


class Generator:
    """A trained network, its section of params.yaml, the classes of its samples, and the scale of its examples."""

    def __init__(self, network, p, classes, scale):
        self._network, self._p, self.classes, self._scale = network, p, classes, scale

    def make(self, labels, rng):
        """A sample for each row of labels, (n, n_classes), from random noise: float32 (n, ...)."""
        n = len(labels)
        noise = rng.normal(size=(n, self._p.latent))
        rows = joined(noise.astype(np.float32), labels)
        rows = np.concatenate([rows, np.zeros((-n % SAMPLES_AT_ONCE, rows.shape[1]), np.float32)])
        made = [
            np.asarray(self._network(part, training=False)) for part in np.split(rows, len(rows) // SAMPLES_AT_ONCE)
        ]
        return np.concatenate(made)[:n] * self._scale

    def save(self, folder):
        """Write the network, its classes and its scale: nothing that runs code when loaded."""
        folder = Path(folder)
        networks.save(folder, self._network)
        write_json(folder / "params.json", self._p.model_dump())
        write_json(folder / "made.json", {"classes": self.classes, "scale": self._scale})


def load(model, folder):
    """The Generator that `save` wrote; `model` is the class of its section."""
    folder = Path(folder)
    p = params.check(model, read_json(folder / "params.json"), f"{folder}/params.json")
    return Generator(networks.load(folder), p, **read_json(folder / "made.json"))


def fit(module, examples, labels, classes, p, distance=None):
    """(The Generator, its losses as a table with a row an epoch, images of the same GRID samples over training).

    examples: a sequence of clips; labels: (n, n_classes), without columns if there are none. distance: a function of a
    Generator, how far its samples are from validation clips: that of the best epoch is kept; without it, the last.
    Images are uint8 (n_epochs, GRID, height, width, 3). Repeats bit by bit: one thread, each epoch's order, windows and
    noise drawn from (seed, epoch). A killed training resumes after its last whole epoch.
    """
    settings, n = p.training, len(examples)
    if n < 2:
        raise NotRun(f"{count(n, 'train clip')}, too few for a generator")
    keras, scale = import_keras(), p.scale(examples)
    keras.backend.clear_session()
    keras.utils.set_random_seed(settings.seed)
    shape = p.example(examples[0], np.random.default_rng(0)).shape
    pair = module.generator(p.latent + labels.shape[1], p), module.discriminator(shape, labels.shape[1], p)
    steps = compiled(pair, settings, p.seen())
    best = keras.models.clone_model(pair[0])
    model, grid = Generator(steps.averaged, p, classes, scale), cycled(labels, GRID)
    key = _key(pair, examples, labels, p, distance and distance(model))
    checkpoint = Checkpoint([*steps.variables, *best.variables], key)
    rows, shots = checkpoint.restore("gan")
    bar = Progress(total=settings.epochs, done=len(rows), title="gan", unit="epoch")
    with bar, as_traced(), Curves("discriminator", "generator") as curves:
        for epoch in range(len(rows), settings.epochs):
            rng = np.random.default_rng([settings.seed, epoch])
            batches = enumerate(_batches(examples, labels, scale, p, rng))
            losses = [steps.step(*batch, penalised=k % PENALISED_EVERY == 0) for k, batch in batches]
            of_discriminator, of_generator = np.mean(losses, axis=0, dtype=np.float64).tolist()
            if not np.isfinite([of_discriminator, of_generator]).all():
                raise Stop(f"the loss is not a number after epoch {epoch + 1}: lower learning_rate")
            apart = distance(model) if distance else 0.0
            if not rows or apart <= min(row[-1] for row in rows):
                best.set_weights(steps.averaged.get_weights())
            rows.append((epoch, of_discriminator, of_generator, apart))
            made = model.make(grid, np.random.default_rng([settings.seed, 0, 1]))
            shots.append(np.stack([p.shown(example) for example in made]))
            checkpoint.write(rows, shots)
            curves.update(rows)
            bar.update(note=f"discriminator {of_discriminator:.3f}, generator {of_generator:.3f}")
    checkpoint.remove()
    columns = {"epoch": int, "discriminator": float, "generator": float, "distance": float}
    losses = pd.DataFrame(rows, columns=list(columns)).astype(columns).round(6)
    return Generator(best, p, classes, scale), losses, np.stack(shots)


def cycled(labels, n):
    """n rows of labels: the distinct rows in order, repeated, float32 (n, n_classes)."""
    return np.resize(np.unique(labels, axis=0), (n, labels.shape[1])).astype(np.float32)


def _batches(examples, labels, scale, p, rng):
    """Batches of an epoch, what a step takes: the clips in a new order, again and again, so that an epoch
    has as many steps with few clips as with many."""
    batch, order = min(p.training.batch, len(examples)), np.empty(0, int)
    for _ in range(p.training.steps):
        if len(order) < batch:
            order = rng.permutation(len(examples))
        rows, order = order[:batch], order[batch:]
        real = np.stack([p.example(examples[row], rng) for row in rows]) / np.float32(scale)
        noise, draws = rng.normal(size=(batch, p.latent)), rng.random((3, batch, 3))
        yield real, labels[rows].astype(np.float32), noise.astype(np.float32), draws.astype(np.float32)


def _key(pair, examples, labels, p, apart):
    """A digest of networks, parameters, code and data: the name of the checkpoint. apart: the distance of the first
    samples, which stands for the validation clips."""
    digest = networks.digest_of(pair, p, Path(__file__).parent)
    digest.update(np.packbits(labels).tobytes() + repr(apart).encode())
    for clip in examples:
        digest.update(np.ascontiguousarray(clip).data)
    return digest.hexdigest()
