"""YAMNet's embeddings ([R2]): the maximum of each of its 1024 numbers over a clip's frames, then two dense layers.

YAMNet itself ran once, in the stage `embed@yamnet`, and is not fine-tuned.

Tests use random weights instead. They retain too little of short events: it cannot learn `events`, which says nothing
about the real weights.
"""

from typing import Annotated

import numpy as np
from pydantic import Field, PositiveInt

from sourcewise.core.params import Section
from sourcewise.models.keras import training
from sourcewise.models.keras.inputs import OnEmbedding, View


class Layers(Section):
    """The widths of the dense layers."""

    dense: Annotated[list[PositiveInt], Field(min_length=1)]


class Params(OnEmbedding):
    """The layers after the embedding."""

    layers: Layers

    def view(self):
        """float32 (1024,)."""
        return View(lambda frames: frames.max(axis=0).astype(np.float32))


TAKES = {"frames": Params}


def build(x, task, p):
    """The network for the maxima over a clip, (1024,)."""
    import keras
    from keras import layers

    dense = [layers.Dense(width, "relu") for width in p.layers.dense]
    return keras.Sequential([keras.Input(p.shape(x)), *dense, training.head(task)])
