"""Keras networks on the disk: trained ones, and checkpoints of trainings after each epoch."""

import hashlib
import json
import os
from pathlib import Path

import numpy as np

from sourcewise.core.errors import Stop, named
from sourcewise.models.keras.tensorflow import import_keras
from sourcewise.storage.files import read_arrays, read_json, write_json

#: The classes that stored networks may contain. Other layers of Keras can run code or read files.
KNOWN = {
    *("Activation", "Add", "AveragePooling1D", "BatchNormalization", "Concatenate", "Conv1D", "Conv1DTranspose"),
    *("Conv2D", "Conv2DTranspose", "Dense", "Dropout", "Flatten", "GRU", "GlobalAveragePooling1D"),
    *("GlobalAveragePooling2D", "GlobalMaxPooling2D", "Identity", "InputLayer", "LSTM", "LeakyReLU", "MaxPooling1D"),
    *("MaxPooling2D", "Multiply", "Normalization", "RandomContrast", "RandomFlip", "RandomTranslation", "ReLU"),
    *("RepeatVector", "Rescaling", "Reshape", "UpSampling2D", "Functional", "Sequential", "DTypePolicy"),
    *("GlorotUniform", "LecunNormal", "Ones", "Orthogonal", "Zeros", "L2", "__keras_tensor__"),
}
CHECKPOINTS = Path(".checkpoints")  # ignored by git, unknown to DVC


class Checkpoint:
    """The state of a training after a whole epoch, in one file that is replaced atomically and removed at the end, so
    that a killed training resumes and ends with the same bytes.

    variables: all Keras variables that change. key: a name that is unique to the training.
    """

    def __init__(self, variables, key):
        self._variables, self._path = variables, CHECKPOINTS / f"{key}.npz"

    def restore(self, title):
        """Restore the variables; returns the rows and the arrays that were stored with them, both empty at a start.
        title: for the message."""
        if not self._path.is_file():
            return [], []
        state = read_arrays(self._path)
        for k, variable in enumerate(self._variables):
            variable.assign(state[f"variable{k}"])
        arrays = [state[f"array{k}"] for k in range(sum(name.startswith("array") for name in state))]
        rows = [tuple(row) for row in state["rows"].tolist()]
        print(f"{title}: resumes after epoch {len(rows)} of an earlier run that did not end")
        return rows, arrays

    def write(self, rows, arrays):
        """Store this epoch: a row of numbers for it and each before, and any arrays."""
        state = {f"variable{k}": np.asarray(variable) for k, variable in enumerate(self._variables)}
        state |= {f"array{k}": array for k, array in enumerate(arrays)}
        self._path.parent.mkdir(exist_ok=True)
        part = self._path.with_suffix(f".{os.getpid()}")
        with open(part, "wb") as file:
            np.savez(file, rows=np.array(rows), **state)
        part.replace(self._path)

    def remove(self):
        """The training has ended."""
        self._path.unlink(missing_ok=True)


def changing(network, layers=()):
    """The variables of a compiled network's training: its own, its optimizer's, and the seeds of random layers."""
    network.optimizer.build(network.trainable_variables)
    return [*network.variables, *network.optimizer.variables, *(v for layer in layers for v in layer.variables)]


def digest_of(networks, p, folder):
    """A hash of a training's layers, parameters and the code in a folder, to be updated with its data."""
    digest = hashlib.blake2b(repr([*(network.to_json() for network in networks), p]).encode(), digest_size=16)
    for module in sorted([*Path(folder).glob("*.py"), Path(__file__)]):
        digest.update(module.read_bytes())
    return digest


def save(folder, network):
    """Write layers as JSON and weights as HDF5, which run no code when loaded."""
    layers = json.loads(network.to_json())
    layers.pop("compile_config", None)  # settings of its training
    write_json(folder / "network.json", layers)
    network.save_weights(folder / "network.weights.h5")


def load(folder):
    """The network that `save` wrote. Stop for one with classes that are not KNOWN, before Keras loads it, and for one
    that is damaged."""
    layers = read_json(folder / "network.json")
    unknown = sorted(set(_classes(layers)) - KNOWN)
    if unknown:
        raise Stop(f"{folder / 'network.json'} holds {named(unknown)}, which no network here contains: not loaded")
    models = import_keras().models
    try:
        network = models.model_from_json(json.dumps(layers))
        network.load_weights(folder / "network.weights.h5")
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OSError) as error:
        first = str(error).strip().split("\n")[0]
        raise Stop(f"the network in {folder} is damaged ({first}): remove the folder, then `dvc repro`") from None
    return network


def _classes(node):
    """The names of all classes in a network's JSON."""
    if isinstance(node, dict):
        if "class_name" in node:
            yield str(node["class_name"])
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from _classes(part)
