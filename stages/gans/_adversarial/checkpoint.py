"""The state of a training after each epoch, so that one that was killed goes on and ends with the same bytes."""

import hashlib
import os
from pathlib import Path

import numpy as np

CHECKPOINTS = Path(".checkpoints")  # ignored by git, unknown to DVC


class Checkpoint:
    """All that a training is after a whole epoch, in one file that is replaced at once, and removed at the end."""

    def __init__(self, variables, key):
        self._variables, self._path = variables, CHECKPOINTS / f"{key}.npz"

    def restore(self):
        """Set all variables to where they were; the losses and the pictures so far, both empty at a start."""
        if not self._path.is_file():
            return [], []
        with np.load(self._path, allow_pickle=False) as state:
            for k, variable in enumerate(self._variables):
                variable.assign(state[f"variable{k}"])
            shots = [state[f"shot{k}"] for k in range(sum(name.startswith("shot") for name in state.files))]
            rows = [tuple(row) for row in state["rows"].tolist()]
        print(f"gan: goes on after epoch {len(rows)} of an earlier run that did not end")
        return rows, shots

    def write(self, rows, shots):
        """Store this epoch."""
        state = {f"variable{k}": np.asarray(variable) for k, variable in enumerate(self._variables)}
        state |= {f"shot{k}": shot for k, shot in enumerate(shots)}
        self._path.parent.mkdir(exist_ok=True)
        part = self._path.with_suffix(f".{os.getpid()}")
        with open(part, "wb") as file:
            np.savez(file, rows=np.array(rows), **state)
        part.replace(self._path)

    def remove(self):
        """The training has ended."""
        self._path.unlink(missing_ok=True)


def key(networks, examples, labels, p):
    """What a training is made of: networks, parameters, code and data, as a name for its checkpoint."""
    digest = hashlib.blake2b(repr([*(network.to_json() for network in networks), p]).encode(), digest_size=16)
    for module in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(module.read_bytes())
    digest.update(np.packbits(labels).tobytes())
    for clip in examples:
        digest.update(np.ascontiguousarray(clip).data)
    return digest.hexdigest()
