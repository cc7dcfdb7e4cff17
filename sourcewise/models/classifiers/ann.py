"""Dense network on MFCC ([R4]): a flattened window, so that each position has weights of its own.

Each MFCC is standardised on train. [R4] took 20 of them from whole recordings, all of one length; here the window is of
fixed length, and longer clips have several, whose predictions are averaged. As no weight is shared between
positions, it cannot learn rhythms in any phase and events at random times unless training has them at every position.
"""

from typing import Annotated

from pydantic import Field, PositiveInt

from sourcewise.core.params import Section, Share
from sourcewise.models.keras import training
from sourcewise.models.keras.inputs import OnFrames


class Layers(Section):
    """The widths of the dense layers; dropout after each, and first_dropout of the input."""

    first_dropout: Share
    dense: Annotated[list[PositiveInt], Field(min_length=1)]
    dropout: Share


class Params(OnFrames):
    """The window, and the layers."""

    layers: Layers


TAKES = {"frames": Params}


def build(x, task, p):
    """The network for windows (p.frames, p.columns)."""
    import keras
    from keras import layers

    from sourcewise.models.keras.layers import standardise

    prepare = p.view().prepare
    network = [keras.Input(p.shape(x)), standardise(prepare(clip) for clip in x)]
    network += [layers.Flatten(), layers.Dropout(p.layers.first_dropout)]
    for width in p.layers.dense:
        network += [layers.Dense(width, "relu"), layers.Dropout(p.layers.dropout)]
    return keras.Sequential([*network, training.head(task)])
