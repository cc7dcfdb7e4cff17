"""MobileNetV2 on images ([R2]), trained on ImageNet, up to its last five layers, which are the first of the head.

The weights are those of keras.applications, an .h5 file without the top. They have no published checksum, so it is
printed at the download, and weights.sha256 pins it. HDF5 holds numbers only: loading it runs no code.
"""

import cv2
import numpy as np
from pydantic import Field

from sourcewise.core.errors import Stop
from sourcewise.core.params import Entry
from sourcewise.models.keras.tensorflow import import_keras
from sourcewise.models.pretrained import Weights, read_layers

GIVES = "activations"
PACKAGES = ("keras", "tensorflow", "tensorflow-cpu", "opencv-python-headless")
FROZEN = "block_16_depthwise_relu"  # the last layer that is never trained
TRAINED = ("block_16_project", "block_16_project_BN", "Conv_1", "Conv_1_bn", "out_relu")


class Params(Entry):
    """`embeddings.mobilenet_v2`: pixels a side that images are resized to, and the width of the network."""

    size: int = Field(ge=32, le=1024)
    alpha: float = Field(gt=0, le=2)
    weights: Weights


TAKES = {"image": Params}


def load(path, p, features):
    """The function from an image, uint8 (height, width, 3), to the output of the last frozen layer, float16
    (size / 32, size / 32, channels)."""
    network = whole(path, p)
    import tensorflow as tf

    frozen = import_keras().Model(network.input, network.get_layer(FROZEN).output)
    shape = tf.TensorSpec((1, p.size, p.size, 3), tf.float32)
    run = tf.function(lambda x: frozen(x, training=False), input_signature=[shape], autograph=False)
    return lambda image: run(scaled(image, p.size)[None]).numpy()[0].astype(np.float16)


def whole(path, p):
    """The network without its top, with the weights of a file."""
    make = import_keras().applications.MobileNetV2
    try:
        return make(weights=str(path), include_top=False, input_shape=(p.size, p.size, 3), alpha=p.alpha)
    except (ValueError, KeyError, OSError) as error:
        reason = " ".join(str(error).split())[:200]
        raise Stop(f"{path} does not hold the weights of MobileNetV2 of alpha {p.alpha:g}: {reason}") from None


def scaled(image, size):
    """An image as in the training of the network: float32 (size, size, 3) from -1 to 1."""
    return cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA).astype(np.float32) / 127.5 - 1


def finish(path, folder, p):
    """Store the pretrained weights of the five layers that are trained on, `<layer>.<number>` each."""
    layers = read_layers(path, "MobileNetV2")
    if missing := [name for name in TRAINED if name not in layers]:
        raise Stop(f"{path} does not hold the weights of MobileNetV2: it has no layer {missing[0]}")
    weights = {f"{name}.{k}": array for name in TRAINED for k, array in enumerate(layers[name])}
    np.savez(folder / "layers.npz", **weights)
