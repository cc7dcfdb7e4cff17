"""Convolutional network on the table's columns as a sequence ([R3]): two convolutions and poolings along it.

The columns are standardised on train. The report gives no kernel: 3, with ReLU and pooling by 2, is the choice here.
"""

from typing import Annotated

from pydantic import Field, PositiveInt

from sourcewise.core.errors import NotRun
from sourcewise.core.params import Section
from sourcewise.models.keras import training
from sourcewise.models.keras.inputs import OnPooled, OnTable


class Layers(Section):
    """The widths of the convolutions; a third one would leave few of the 57 columns."""

    filters: Annotated[list[PositiveInt], Field(min_length=1, max_length=4)]


class Params(OnTable):
    """The layers."""

    layers: Layers


class OfFrames(OnPooled):
    """The layers."""

    layers: Layers


TAKES = {"vector": Params, "frames": OfFrames}


def build(x, task, p):
    """The network for rows (n_columns,)."""
    import keras
    from keras import layers

    from sourcewise.models.keras.layers import standardise

    shape = p.shape(x)
    remaining = shape[0]
    for _ in p.layers.filters:
        remaining = (remaining - 2) // 2
    if remaining < 1:
        raise NotRun(f"{shape[0]} columns are too few for {len(p.layers.filters)} convolutions and poolings")
    network = [keras.Input(shape), standardise(p.clips(x)), layers.Reshape((*shape, 1))]
    for filters in p.layers.filters:
        network += [layers.Conv1D(filters, 3, activation="relu"), layers.MaxPooling1D(2)]
    return keras.Sequential([*network, layers.Flatten(), training.head(task)])
