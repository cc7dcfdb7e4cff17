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
from sourcewise.models.adversarial.step import compiled, joined
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


def fit(module, examples, labels, classes, p):
    """(The Generator, its losses as a table with a row an epoch, images of the same GRID samples over training).

    examples: a sequence of clips; labels: (n, n_classes), without columns if there are none. Images are uint8
    (n_times, GRID, height, width, 3), after the epochs that `shown` marks in the table: every p.sample_every and the
    last. Repeats bit by bit: one thread, each epoch's order, windows and noise drawn from (seed, epoch). A killed
    training resumes after its last whole epoch.
    """
    settings, n = p.training, len(examples)
    if n < 2:
        raise NotRun(f"{count(n, 'train clip')}, too few for a generator")
    keras, scale = import_keras(), p.scale(examples)
    keras.backend.clear_session()
    keras.utils.set_random_seed(settings.seed)
    shape = p.example(examples[0], np.random.default_rng(0)).shape
    pair = module.generator(p.latent + labels.shape[1], p), module.discriminator(shape, labels.shape[1], p)
    steps = compiled(pair, settings)
    checkpoint = Checkpoint(steps.variables, _key(pair, examples, labels, p))
    rows, shots = checkpoint.restore("gan")
    model, grid = Generator(pair[0], p, classes, scale), cycled(labels, GRID)
    bar = Progress(total=settings.epochs, done=len(rows), title="gan", unit="epoch")
    with bar, Curves("discriminator", "generator") as curves:
        for epoch in range(len(rows), settings.epochs):
            rng = np.random.default_rng([settings.seed, epoch])
            losses = [steps.step(*batch) for batch in _batches(examples, labels, scale, p, rng)]
            of_discriminator, of_generator = np.mean(losses, axis=0, dtype=np.float64).tolist()
            if not np.isfinite([of_discriminator, of_generator]).all():
                raise Stop(f"the loss is not a number after epoch {epoch + 1}: lower learning_rate")
            shown = (epoch + 1) % p.sample_every == 0 or epoch + 1 == settings.epochs
            rows.append((epoch, of_discriminator, of_generator, shown))
            if shown:
                made = model.make(grid, np.random.default_rng([settings.seed, 0, 1]))
                shots.append(np.stack([p.shown(example) for example in made]))
            checkpoint.write(rows, shots)
            curves.update(rows)
            bar.update(note=f"discriminator {of_discriminator:.3f}, generator {of_generator:.3f}")
    checkpoint.remove()
    columns = {"epoch": int, "discriminator": float, "generator": float, "shown": bool}
    return model, pd.DataFrame(rows, columns=list(columns)).astype(columns).round(6), np.stack(shots)


def cycled(labels, n):
    """n rows of labels: the distinct rows in order, repeated, float32 (n, n_classes)."""
    return np.resize(np.unique(labels, axis=0), (n, labels.shape[1])).astype(np.float32)


def _batches(examples, labels, scale, p, rng):
    """Batches (examples, labels, noise) of one pass over the clips in a new order, all of one size: since a
    step is compiled for one size, remaining clips wait for another epoch."""
    order, batch = rng.permutation(len(examples)), min(p.training.batch, len(examples))
    for first in range(0, len(order) - batch + 1, batch):
        rows = order[first : first + batch]
        real = np.stack([p.example(examples[row], rng) for row in rows]) / np.float32(scale)
        yield real, labels[rows].astype(np.float32), rng.normal(size=(batch, p.latent)).astype(np.float32)


def _key(pair, examples, labels, p):
    """A digest of networks, parameters, code and data: the name of the checkpoint."""
    digest = networks.digest_of(pair, p, Path(__file__).parent)
    digest.update(np.packbits(labels).tobytes())
    for clip in examples:
        digest.update(np.ascontiguousarray(clip).data)
    return digest.hexdigest()
