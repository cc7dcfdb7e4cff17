"""A step of training a denoiser: our compiled one, and eager loops, all on the same noisy windows."""

import time
from functools import partial

import numpy as np

from benchmarks.measure import faster, paired
from sourcewise.core import params
from sourcewise.models import entries
from sourcewise.models.denoising import network as _network
from sourcewise.models.denoising.sounds import Sounds
from sourcewise.models.keras.tensorflow import import_keras
from tests.conftest import REPOSITORY

STEPS = 8


def main(folder):
    """Print the rows: wall time of a step, its noisy windows included."""
    for name in ("autoencoder", "autoencoder_deep", "mask"):
        ours, eager, loop = (took / STEPS for took in paired(*epochs(name), clock=time.perf_counter))
        step = f"a step of {name} (wall)"
        faster(step, "a loop with GradientTape, operation by operation", ours, loop, aim=3)
        faster(step, "run_eagerly", ours, eager)


def epochs(name):
    """One epoch as functions: compiled, by Keras' run_eagerly, and by a loop with GradientTape."""
    module, p = entries.denoiser(name, params.read_yaml(REPOSITORY / "params.yaml"))
    keras, rng, build = import_keras(), np.random.default_rng(0), module.build
    n = STEPS * p.training.batch
    waves = [rng.normal(0, 3000, 40_000).astype(np.int16) for _ in range(n)]  # 2.5 s
    sounds = Sounds(waves, [str(k) for k in range(n)], None)
    powers = _network._powers(sounds)
    graph, eager, loop = (_network.compiled(keras, build, n, p, run_eagerly=k > 0) for k in range(3))
    return [partial(_network.one_epoch, network, sounds, powers, p, 0) for network in (graph, eager, ByHand(loop))]


class ByHand:
    """A network that is trained as in a notebook."""

    def __init__(self, network):
        self._network = network

    def train_on_batch(self, x, y):
        """One step; the loss."""
        import tensorflow as tf

        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(self._network(x, training=True) - y))
        variables = self._network.trainable_variables
        self._network.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss
