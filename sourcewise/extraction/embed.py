"""DVC stage `embed@<name>`: a frozen network, run once over the features of every clip; `train@<name>` then trains no
more than a head on what it gave, in seconds.

Where there are no weights and no network to get them from, the stage says so and goes on, and so does its classifier.
With embeddings.<name>.weights.path set it runs again by itself; once the network is back, `dvc repro -fs embed@<name>`
makes it try again.
"""

import shutil
from hashlib import blake2b
from itertools import chain
from threading import Lock

import numpy as np

from stages.core import code, params, registry, weights
from stages.core.command import run
from stages.core.examples import read_features
from stages.core.memo import digest, remembered
from stages.core.parallel import ComputeParams
from stages.core.stop import NotRun
from stages.core.storage import FEATURES, fresh_folder, read_json, write_digest, write_json, writer

#: What computes, by the names of its distributions, of which one is installed.
PACKAGES = ("keras", "tensorflow", "tensorflow-cpu")


def main(name):
    """Embeddings go to one flat file, a clip after the other; what is known of a clip is not computed."""
    folder = fresh_folder(FEATURES / name)
    try:
        embed(name, folder)
    except NotRun as reason:
        print(f"embed: {name} is not run: {reason}")
        write_json(fresh_folder(folder) / "not_run.json", {"reason": str(reason)})
    write_digest(folder)


def embed(name, folder):
    """Write the embedding of every clip, float16, and what their head needs beside them."""
    kind = registry.module("embeddings", name)
    p = params.load(kind.Params, f"embeddings.{name}")
    if hasattr(kind, "refuse"):
        kind.refuse(params.load(dict, f"features.{p.input}"))
    features = read_features(p.input)  # where there are none, nothing is downloaded
    found = weights.find(p.weights, f"embeddings.{name}.weights")
    embeddings = _embeddings(name, kind, p, found, features)
    first = next(embeddings)
    with writer(folder, np.float16, first.shape[1:]) as append:
        for embedding in chain([first], embeddings):
            append(embedding)
    if hasattr(kind, "finish"):
        kind.finish(found.path, folder, p)
    _tell_how(name, p, found, folder)


def _tell_how(name, p, found, folder):
    """What `predict` needs for other recordings: all that the features tell, then the network and its checksum."""
    features = FEATURES / p.input
    if (features / "range.json").is_file():
        shutil.copyfile(features / "range.json", folder / "range.json")
        shutil.copyfile(features / "colours.npy", folder / "colours.npy")
    own = {"name": name, "params": p.model_dump(exclude={"weights"}), "sha256": found.sha256}
    write_json(folder / "how.json", read_json(features / "how.json") | {"embedding": own})


def _embeddings(name, kind, p, found, features):
    how = p.model_dump(exclude={"weights"})
    version = digest(code.of(f"embeddings/{name}.py"), how, found.sha256, code.packages(PACKAGES))
    compute = params.load(ComputeParams, "compute")
    compute = compute.model_copy(update={"backend": "threads"})  # networks do not travel to other machines
    keys = [_key(clip) for clip in features]
    network = _Network(lambda: kind.load(found.path, p))
    return remembered(network, features, keys, store=f"{name}-{version}", what=f"embed {name}", compute=compute)


class _Network:
    """The function that `load` gives, loaded at the first clip that is not remembered: that takes seconds."""

    def __init__(self, load):
        self._load, self._function, self._lock = load, None, Lock()

    def __call__(self, clip):
        with self._lock:
            if self._function is None:
                self._function = self._load()
        return self._function(clip)


def _key(clip):
    """What a clip's features are, as bytes: the same only where they are the same."""
    clip = np.ascontiguousarray(clip)
    return blake2b(clip, key=f"{clip.dtype.str}{clip.shape}".encode(), digest_size=16).digest()


if __name__ == "__main__":
    run(main)
