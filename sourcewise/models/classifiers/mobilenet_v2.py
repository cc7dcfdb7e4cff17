"""MobileNetV2, pretrained on ImageNet, on mel spectrogram images ([R2]): its last five layers are fine-tuned; then
global average pooling, one dense layer and dropout.

The frozen layers before them ran once, in the stage `embed@mobilenet_v2`. Batch normalisation forgets faster than the
original's (0.9, not 0.999, a step): its averages must converge from photographs to spectrograms in few steps. The
report gives no learning rate: Keras' default.

Tests use random weights instead. They separate the tones and rhythms of tests, but retain too little of short events:
it cannot learn `events`, which says nothing about the real weights.
"""

from pydantic import PositiveInt

from sourcewise.core.params import Section, Share
from sourcewise.models.keras import training
from sourcewise.models.keras.inputs import OnEmbedding


class Layers(Section):
    """The width of the dense layer, and dropout."""

    dense: PositiveInt
    dropout: Share


class Params(OnEmbedding):
    """The layers after the embedding."""

    layers: Layers


TAKES = {"activations": Params}


def build(x, task, p):
    """The network for the output of the frozen layers, (height, width, channels)."""
    import keras
    from keras import layers

    network = keras.Sequential(
        [
            keras.Input(p.shape(x)),
            layers.Conv2D(_filters(x, "block_16_project"), 1, use_bias=False, name="block_16_project"),
            layers.BatchNormalization(epsilon=1e-3, momentum=0.9, name="block_16_project_BN"),
            layers.Conv2D(_filters(x, "Conv_1"), 1, use_bias=False, name="Conv_1"),
            layers.BatchNormalization(epsilon=1e-3, momentum=0.9, name="Conv_1_bn"),
            layers.ReLU(6, name="out_relu"),  # (batch, height, width, 1280)
            layers.GlobalAveragePooling2D(),
            layers.Dense(p.layers.dense, "relu"),
            layers.Dropout(p.layers.dropout),
            training.head(task),
        ]
    )
    for name, arrays in x.layers.items():
        network.get_layer(name).set_weights(arrays)
    return network


def _filters(x, layer):
    return x.layers[layer][0].shape[-1]
