"""Stand-ins for weights that others trained, in the very formats of the real files; and the known tasks' embeddings."""

import tempfile
from functools import lru_cache
from pathlib import Path

import h5py
import numpy as np

from sourcewise.core import params
from sourcewise.models import entries
from sourcewise.models.embeddings import yamnet as real
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
    content = {
        layer.name: {f"{layer.name}/{weight.name}:0": np.asarray(weight) for weight in layer.weights}
        for layer in network.layers
    }
    return _write(path, content)


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


def yamnet(path, *, seed=0):
    """An .h5 of the published yamnet.h5's layout with random numbers in it, and normalisation for sounds."""
    keras, rng = import_keras(), np.random.default_rng(seed)
    layers = [keras.layers.Conv2D(32, 3, strides=2, padding="same", use_bias=False)]
    for stride, width in zip(real.STRIDES, real.WIDTHS, strict=True):
        layers.append(keras.layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False))
        layers.append(keras.layers.Conv2D(width, 1, use_bias=False))
    normal = [keras.layers.BatchNormalization(scale=False, epsilon=real.EPSILON) for _ in layers]
    pairs = [layer for k, of in enumerate(layers) for layer in (of, normal[k], keras.layers.ReLU())]
    network = keras.Sequential([keras.Input((real.FRAMES, real.N_MELS, 1)), *pairs])
    for layer in layers:
        layer.set_weights([_random(weight, rng) for weight in layer.weights])
    _settle(network, np.concatenate([real.patches(real.padded(y)) for y in _sounds(rng)])[..., None])
    names = [f"layer{k}/{kind}" for k in range(2, 15) for kind in ("depthwise_conv", "pointwise_conv")]
    content = {}
    for name, layer, norm in zip(["layer1/conv", *names], layers, normal, strict=True):
        kernel = "depthwise_kernel" if "depthwise" in name else "kernel"
        content[name] = {f"{name}/{kernel}:0": layer.get_weights()[0]}
        numbers = zip(("beta", "moving_mean", "moving_variance"), norm.get_weights(), strict=True)
        content[f"{name}/bn"] = {f"{name}/bn/{kind}:0": array for kind, array in numbers}
    dense = {"kernel": rng.normal(0, 0.05, (1024, real.CLASSES)), "bias": np.full(real.CLASSES, -4)}
    content["logits"] = {f"logits/{kind}:0": array.astype(np.float32) for kind, array in dense.items()}
    return _write(path, content)


def _sounds(rng):
    """Waves of a second that differ in pitch, rhythm and level."""
    t = np.arange(real.SR) / real.SR
    for k in range(24):
        on = t * rng.uniform(1, 14) % 1 < rng.uniform(0.1, 1)
        sound = rng.normal(size=len(t)) if k % 2 else np.sin(2 * np.pi * rng.uniform(150, 3000) * t)
        yield (10 ** rng.uniform(-2, -0.5) * sound * on + rng.normal(0, 0.003, len(t))).astype(np.float32)


def _write(path, content):
    """An .h5 as Keras 2 wrote it, of {layer: {weight: array}}."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [name.encode() for name in content]
        file.attrs["backend"], file.attrs["keras_version"] = b"tensorflow", b"2.2.0"
        for name, weights in content.items():
            group = file.create_group(name)
            group.attrs["weight_names"] = np.array(list(weights), dtype="S")
            for weight, array in weights.items():
                group[weight] = array
    return path


def section(name, path):
    """The section of an embedding, with a stand-in for its weights at `path`, and its module."""
    content = params.read_yaml(REPOSITORY / "params.yaml")
    own = {"url": "https://nowhere.invalid/weights", "sha256": checksum(path), "path": str(path)}
    embeddings = content["embeddings"] | {name: content["embeddings"][name] | SMALL[name] | {"weights": own}}
    return entries.embedding(name, content | {"embeddings": embeddings})


def stand_in(name, folder):
    """Where the stand-in for an embedding's weights has been made, in a folder."""
    if name == "yamnet":
        return yamnet(folder / "yamnet.h5")
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
        network = module.load(Path(p.weights.path), p, {"sr": 16_000})
        return network, layers_of(module, p, Path(folder)) if hasattr(module, "finish") else None


def layers_of(module, p, folder):
    """The layers that an embedding's `finish` stores in a folder, as Embedded has them."""
    module.finish(p.weights.path, folder, p)
    np.save(folder / "values.npy", np.zeros(1))
    np.save(folder / "offsets.npy", np.array([0, 1]))
    return Embedded.open(folder).layers
