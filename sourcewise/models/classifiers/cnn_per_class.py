"""One small convolutional network a class, on log-mel windows ([R4]'s suggestion): one Keras network of independent
branches, each of which ends in its class's logit.

With several labels a clip the branches share nothing, not even in training, as the loss is a sum over classes; of
exclusive classes only the softmax compares them. The report gives no layers: those of `cnn`, narrower,
are the choice here.
"""

from typing import Annotated

from pydantic import Field, PositiveInt

from sourcewise.core.params import Section, Share
from sourcewise.models.keras import training
from sourcewise.models.keras.inputs import OnMel


class Layers(Section):
    """The widths of each branch's blocks, and dropout."""

    filters: Annotated[list[PositiveInt], Field(min_length=1)]
    dropout: Share


class Params(OnMel):
    """The window, and the layers."""

    layers: Layers


TAKES = {"frames": Params}


def build(x, task, p):
    """The network for windows (p.frames, n_mels)."""
    import keras
    from keras import layers

    shape = p.shape(x)
    window = keras.Input(shape)
    image = layers.Reshape((*shape, 1))(window)
    logits = layers.Concatenate()([_branch(image, p) for _ in task.classes])
    return keras.Model(window, training.activation(task)(logits))


def _branch(x, p):
    from keras import layers

    for filters in p.layers.filters:
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.MaxPooling2D(2, padding="same")(layers.ReLU()(x))  # (batch, frames / 2, mels / 2, filters)
        x = layers.Dropout(p.layers.dropout)(x)
    return layers.Dense(1)(layers.GlobalMaxPooling2D()(x))
