"""Stand-ins for weights that others trained, in the very formats of the real files; and the known tasks' embeddings."""

import tempfile
from functools import lru_cache
from pathlib import Path

import h5py
import numpy as np

from sourcewise.core import params
from sourcewise.models import entries
from sourcewise.models.examples import Embedded
from sourcewise.models.keras.tensorflow import import_keras
from sourcewise.storage.archives import checksum
from sourcewise.storage.files import Ragged
from tests.conftest import REPOSITORY

SMALL = {"mobilenet_v2": {"size": 64, "alpha": 0.35}, "yamnet": {}}


def mobilenet_v2(path, *, alpha, seed=0):
    """An .h5 of keras.applications' layout, names as in the published files, with random numbers in it."""
    make, rng = import_keras().applications.MobileNetV2, np.random.default_rng(seed)
    network = make(weights=None, include_top=False, input_shape=(96, 96, 3), alpha=alpha)
    network.set_weights([_random(weight, rng) for weight in network.weights])
    _settle(network, np.repeat(np.repeat(rng.uniform(-1, 1, (32, 12, 12, 1)), 8, 1), 8, 2) * np.ones(3))
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [layer.name.encode() for layer in network.layers]
        file.attrs["backend"], file.attrs["keras_version"] = b"tensorflow", b"2.2.0"
        for layer in network.layers:
            group = file.create_group(layer.name)
            names = [f"{layer.name}/{weight.name}:0" for weight in layer.weights]
            group.attrs["weight_names"] = np.array(names, dtype="S")
            for name, weight in zip(names, layer.weights, strict=True):
                group[name] = np.asarray(weight)
    return path


def _settle(network, pictures):
    """Set what batch normalisation knows to what these pictures make of the layers before it."""
    for layer in network.layers:
        if hasattr(layer, "moving_mean"):
            layer.momentum = 0
    network(pictures, training=True)


def _random(weight, rng):
    """Depthwise kernels smooth and blocks change little, or so many random layers would leave nothing but noise."""
    shape = weight.shape
    if weight.name != "kernel":
        return np.asarray(weight) * np.float32(0.3 if weight.name == "gamma" and "project" in weight.path else 1)
    return rng.random(shape, np.float32) if shape[-1] == 1 else rng.normal(0, 1, shape).astype(np.float32)


def yamnet(folder):
    """A SavedModel with YAMNet's signature: frames of 0.975 s, one every 0.48 s, 1024 numbers each, made of the
    spectrum of each moment and of how fast the level changes."""
    import_keras()
    import tensorflow as tf

    class StandIn(tf.Module):
        def __init__(self):
            rng = np.random.default_rng(0)
            self.mel = tf.constant(tf.signal.linear_to_mel_weight_matrix(64, 257, 16_000, 125, 7500))
            self.kernel = tf.Variable(rng.normal(0, 0.02, (64, 824)).astype(np.float32))
            self.of_changes = tf.Variable(rng.normal(0, 0.06, (25, 200)).astype(np.float32))

        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
        def __call__(self, wave):
            wave = tf.pad(wave, [[0, tf.maximum(15_600 - tf.size(wave), 0)]])
            power = tf.abs(tf.signal.stft(tf.signal.frame(wave, 15_600, 7680), 400, 160, 512)) ** 2
            log_mel = tf.math.log(power @ self.mel + 1e-3)  # (n_frames, 96, 64)
            level = tf.reduce_mean(log_mel, axis=2)
            level = level - tf.reduce_mean(level, axis=1, keepdims=True)
            changes = tf.math.log1p(tf.abs(tf.signal.rfft(level, [96]))[:, :25])
            moments = tf.nn.relu((log_mel + 2) / 2 @ self.kernel)  # (n_frames, 96, 824)
            embeddings = tf.concat([tf.reduce_max(moments, axis=1), tf.nn.relu(changes @ self.of_changes)], axis=1)
            return tf.sigmoid(embeddings[:, :521]), embeddings, tf.reshape(log_mel, [-1, 64])

    tf.saved_model.save(StandIn(), str(folder))
    return folder


def section(name, path):
    """The section of an embedding, with a stand-in for its weights at `path`, and its module."""
    content = params.read_yaml(REPOSITORY / "params.yaml")
    own = {"url": "https://nowhere.invalid/weights", "sha256": checksum(path), "path": str(path)}
    embeddings = content["embeddings"] | {name: content["embeddings"][name] | SMALL[name] | {"weights": own}}
    return entries.embedding(name, content | {"embeddings": embeddings})


def stand_in(name, folder):
    """Where the stand-in for an embedding's weights has been made, in a folder."""
    if name == "yamnet":
        return yamnet(folder / "yamnet")
    return mobilenet_v2(folder / "random.h5", alpha=SMALL[name]["alpha"])


def embedded(name, features):
    """What a stand-in makes of the features of each clip, as `read_features` would give it."""
    network, layers = _loaded(name)
    embeddings = Ragged.of([network(clip) for clip in features])
    return Embedded(embeddings._values, embeddings._starts, embeddings._stops, layers) if layers else embeddings


@lru_cache
def _loaded(name):
    """(network, layers of its head): made once for all tasks."""
    with tempfile.TemporaryDirectory() as folder:
        module, p = section(name, stand_in(name, Path(folder)))
        network = module.load(Path(p.weights.path), p)
        return network, layers_of(module, p, Path(folder)) if hasattr(module, "finish") else None


def layers_of(module, p, folder):
    """The layers that an embedding's `finish` stores in a folder, as Embedded has them."""
    module.finish(p.weights.path, folder, p)
    np.save(folder / "values.npy", np.zeros(1))
    np.save(folder / "offsets.npy", np.array([0, 1]))
    return Embedded.open(folder).layers
