"""MobileNetV2 on pictures ([R2]), trained on ImageNet, up to its last five layers, which are the first of the head.

The weights are those of keras.applications, an .h5 file without the top. Nobody publishes a checksum of them, so it is
printed when they come, and weights.sha256 pins it. HDF5 holds numbers alone: loading it runs nothing.
"""

import cv2
import numpy as np
from pydantic import Field

from sourcewise.core.errors import Stop
from sourcewise.core.params import Entry
from sourcewise.models.keras.tensorflow import import_keras
from sourcewise.models.pretrained import Weights

GIVES = "activations"
FROZEN = "block_16_depthwise_relu"  # the last layer that is never trained
TRAINED = ("block_16_project", "block_16_project_BN", "Conv_1", "Conv_1_bn", "out_relu")


class Params(Entry):
    """`embeddings.mobilenet_v2`: pixels a side that pictures are resized to, and the width of the network."""

    size: int = Field(ge=32, le=1024)
    alpha: float = Field(gt=0, le=2)
    weights: Weights


TAKES = {"image": Params}


def load(path, p):
    """The function from a picture, uint8 (height, width, 3), to what leaves the last frozen layer, float16
    (size / 32, size / 32, channels)."""
    network = whole(path, p)
    import tensorflow as tf

    frozen = import_keras().Model(network.input, network.get_layer(FROZEN).output)
    shape = tf.TensorSpec((1, p.size, p.size, 3), tf.float32)
    run = tf.function(lambda x: frozen(x, training=False), input_signature=[shape])
    return lambda picture: run(scaled(picture, p.size)[None]).numpy()[0].astype(np.float16)


def whole(path, p):
    """The network without its top, with the weights of a file."""
    make = import_keras().applications.MobileNetV2
    try:
        return make(weights=str(path), include_top=False, input_shape=(p.size, p.size, 3), alpha=p.alpha)
    except (ValueError, KeyError, OSError) as error:
        said = " ".join(str(error).split())[:200]
        raise Stop(f"{path} does not hold the weights of MobileNetV2 of alpha {p.alpha:g}: {said}") from None


def scaled(picture, size):
    """A picture as the network was trained to see it: float32 (size, size, 3) from -1 to 1."""
    return cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA).astype(np.float32) / 127.5 - 1


def finish(path, folder, p):
    """Store the pretrained weights of the five layers that are trained on, `<layer>.<number>` each."""
    import h5py

    try:
        with h5py.File(path) as file:
            found = {f"{name}.{k}": array for name in TRAINED for k, array in enumerate(_arrays(file[name]))}
    except (OSError, KeyError) as error:
        raise Stop(f"{path} does not hold the weights of MobileNetV2: {error}") from None
    np.savez(folder / "layers.npz", **found)


def _arrays(group):
    """The weights of a layer, in Keras' order."""
    return [group[name][()] for name in group.attrs["weight_names"]]
