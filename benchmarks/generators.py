"""A step of adversarial training: compiled to a graph, against the same step operation by operation."""

import time
from functools import partial

import numpy as np

from benchmarks.measure import faster, paired
from sourcewise.core import params
from sourcewise.models import entries
from sourcewise.models.adversarial.inputs import SIDE
from sourcewise.models.adversarial.step import compiled
from sourcewise.models.keras.tensorflow import import_keras
from tests.conftest import REPOSITORY

CLASSES = 10


def main(folder):
    """Print the rows: wall time of a step, at the sizes of params.yaml."""
    keras = import_keras()
    content = params.read_yaml(REPOSITORY / "params.yaml")
    for name in content["generators"]:
        (module, p), rng = entries.generator(name, content), np.random.default_rng(0)
        shape, n_labels = ((p.samples,), CLASSES) if p.labelled else ((SIDE, SIDE, 3), 0)
        n = p.training.batch
        draws = rng.random((3, n, 3), dtype=np.float32)
        batch = [rng.normal(size=(n, *shape)), np.eye(CLASSES)[rng.integers(CLASSES, size=n), :n_labels]]
        batch = [np.float32(part) for part in (*batch, rng.normal(size=(n, p.latent)))] + [draws]
        steps = []
        for eagerly in (False, True):
            keras.utils.set_random_seed(0)
            networks = module.generator(p.latent + n_labels, p), module.discriminator(shape, n_labels, p)
            steps.append(partial(compiled(networks, p.training, p.seen(), eagerly=eagerly).step, *batch))
        ours, eager = paired(*steps, clock=time.perf_counter)
        faster(f"a step of {name}, {n} clips (wall)", "the same, eagerly", ours, eager, aim=3)
