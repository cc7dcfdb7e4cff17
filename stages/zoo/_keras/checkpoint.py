"""The state of a training after each epoch, so that one that was killed goes on and ends with the same weights."""

import hashlib
import os
from pathlib import Path

import numpy as np

CHECKPOINTS = Path(".checkpoints")  # ignored by git, unknown to DVC


class Checkpoint:
    """All that a training is after a whole epoch, in one file that is replaced at once, and removed at the end."""

    def __init__(self, network, variations, key):
        network.optimizer.build(network.trainable_variables)
        random = [variable for layer in variations for variable in layer.variables]
        self._variables = [*network.variables, *network.optimizer.variables, *random]  # seeds of random layers, too
        self._path = CHECKPOINTS / f"{key}.npz"

    def restore(self):
        """Set the network to where it was; the learning curve so far and the best weights, both empty at a start."""
        if not self._path.is_file():
            return [], []
        with np.load(self._path, allow_pickle=False) as state:
            for k, variable in enumerate(self._variables):
                variable.assign(state[f"variable{k}"])
            weights = [state[f"best{k}"] for k in range(sum(name.startswith("best") for name in state.files))]
            rows = [tuple(row) for row in state["rows"].tolist()]
        print(f"train: goes on after epoch {len(rows)} of an earlier run that did not end")
        return rows, weights

    def write(self, rows, weights):
        """Store this epoch."""
        state = {f"variable{k}": np.asarray(variable) for k, variable in enumerate(self._variables)}
        state |= {f"best{k}": array for k, array in enumerate(weights)}
        self._path.parent.mkdir(exist_ok=True)
        part = self._path.with_suffix(f".{os.getpid()}")
        with open(part, "wb") as file:
            np.savez(file, rows=np.array(rows), **state)
        part.replace(self._path)

    def remove(self):
        """The training has ended."""
        self._path.unlink(missing_ok=True)


def key(network, train, validation, p):
    """What a training is made of: network, parameters, code and data, as a name for its checkpoint."""
    digest = hashlib.blake2b(f"{network.to_json()}{p!r}".encode(), digest_size=16)
    for module in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(module.read_bytes())
    for examples in (train, validation):
        digest.update(np.packbits(examples.y).tobytes())
        for clip in p.clips(examples.x):
            digest.update(np.ascontiguousarray(clip).data)
    return digest.hexdigest()
