"""Training on generated clips beside the real ones."""

import numpy as np

from stages.core.examples import Examples
from stages.core.storage import Ragged
from stages.zoo import _keras


def fit(build, train, validation, task, p):
    """As `_keras.fit`, with the generated clips that came with the features behind those of train, and nowhere else."""
    made = train.x.made
    y, sources = task.targets(train.x.labels), np.repeat("generated", len(made))
    joined = Ragged.of([*train.x, *made])
    both = Examples(joined, np.concatenate([train.y, y]), np.concatenate([train.sources, sources]))
    return _keras.fit(build, both, validation, task, p)
