"""TensorFlow's devices, and Keras on it."""

from contextlib import contextmanager

from sourcewise.core.errors import Stop
from sourcewise.models.keras.tensorflow import import_keras

__all__ = ["import_keras", "strategy"]


@contextmanager
def strategy(n):
    """TensorFlow's strategy for n devices, in its scope: this machine's GPUs if it has any, else its CPUs."""
    import tensorflow as tf

    device_type = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
    names = [device.name for device in tf.config.list_logical_devices(device_type)]
    if n > len(names):
        raise Stop(
            f"train.keras.devices is {n}, but this machine has {len(names)} {device_type}: set it to {len(names)}"
        )
    devices = tf.distribute.get_strategy() if n == 1 else tf.distribute.MirroredStrategy(names[:n])
    with devices.scope():
        yield devices
