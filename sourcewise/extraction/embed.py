"""A frozen network, run once over the features of every clip."""

import shutil
from hashlib import blake2b
from itertools import chain
from threading import Lock

import numpy as np

from sourcewise.compute.cached_map import cached
from sourcewise.core import params
from sourcewise.core.paths import CONFIG, FEATURES
from sourcewise.models import pretrained
from sourcewise.models.examples import read_features
from sourcewise.storage import fingerprints
from sourcewise.storage.files import Ragged, read_json, write_json, writer
from sourcewise.storage.fingerprints import digest


def embed(name, module, p, folder, compute):
    """Write the embedding of every clip, float16, and what a head on them needs to a folder; cached embeddings are not
    computed. Returns what the network itself recognises in the clips, for JSON, empty where it does not say. Raises
    NotRun if there are no features or no weights."""
    features = read_features(p.features)  # if there are none, nothing is downloaded
    weights = pretrained.find(p.weights, f"embeddings.{name}.weights")
    embeddings = _embeddings(name, module, p, weights, features, compute)
    first = next(embeddings)
    with writer(folder, np.float16, first.shape[1:]) as append:
        for embedding in chain([first], embeddings):
            append(embedding)
    if hasattr(module, "finish"):
        module.finish(weights.path, folder, p)
    _write_config(name, p, weights, folder)
    return module.describe(weights.path, Ragged.open(folder)) if hasattr(module, "describe") else {}


def _write_config(name, p, weights, folder):
    """What `predict` needs for other recordings: the config of the features, the network and its checksum."""
    features = FEATURES / p.features
    if (features / "colours.npy").is_file():
        shutil.copyfile(features / "colours.npy", folder / "colours.npy")
    own = {"name": name, "params": p.model_dump(exclude={"weights"}), "sha256": weights.sha256}
    write_json(folder / CONFIG, read_json(features / CONFIG) | {"embedding": own})


def _embeddings(name, module, p, weights, features, compute):
    settings, section = p.model_dump(exclude={"weights"}), params.load(dict, f"features.{p.features}")
    code = fingerprints.of(f"sourcewise/models/embeddings/{p.model}.py")
    version = digest(code, settings, section, weights.sha256, fingerprints.packages(module.PACKAGES))
    compute = compute.model_copy(update={"backend": "threads"})  # networks are not sent to other machines
    keys = [_key(clip) for clip in features]
    network = _Network(lambda: module.load(weights.path, p, section))
    return cached(network, features, keys, store=f"{name}-{version}", title=f"embed {name}", compute=compute)


class _Network:
    """The function that `load` returns, loaded at the first clip that is not cached, as that takes seconds."""

    def __init__(self, load):
        self._load, self._function, self._lock = load, None, Lock()

    def __call__(self, clip):
        with self._lock:
            if self._function is None:
                self._function = self._load()
        return self._function(clip)


def _key(clip):
    """A digest of a clip's features, 16 bytes."""
    clip = np.ascontiguousarray(clip)
    return blake2b(clip, key=f"{clip.dtype.str}{clip.shape}".encode(), digest_size=16).digest()
