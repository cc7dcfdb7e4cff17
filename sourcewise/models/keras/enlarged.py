"""Training on generated clips beside the real ones."""

import numpy as np

from sourcewise.models.examples import Examples
from sourcewise.models.keras import training
from sourcewise.storage.files import Ragged


def fit(build, train, validation, task, p):
    """As `training.fit`, with the generated clips that came with the features behind those of train, and nowhere else."""
    made = train.x.made
    y, sources = task.targets(train.x.labels), np.repeat("generated", len(made))
    joined = Ragged.of([*train.x, *made])
    both = Examples(joined, np.concatenate([train.y, y]), np.concatenate([train.sources, sources]))
    return training.fit(build, both, validation, task, p)
