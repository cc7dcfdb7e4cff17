"""TensorFlow's devices, and Keras on it."""

from contextlib import contextmanager

from sourcewise.core.errors import Stop
from sourcewise.models.keras.tensorflow import import_keras

__all__ = ["import_keras", "strategy"]


@contextmanager
def strategy(n):
    """TensorFlow's strategy for n devices, in its scope: this machine's GPUs where it has any."""
    import tensorflow as tf

    kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
    found = [device.name for device in tf.config.list_logical_devices(kind)]
    if n > len(found):
        raise Stop(f"train.keras.devices is {n}, but this machine has {len(found)} {kind}: set it to {len(found)}")
    devices = tf.distribute.get_strategy() if n == 1 else tf.distribute.MirroredStrategy(found[:n])
    with devices.scope():
        yield devices
