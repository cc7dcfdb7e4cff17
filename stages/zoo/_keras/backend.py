"""Keras on TensorFlow, imported where it is used: that takes three seconds, and reading parameters does not need it."""

import os
import tempfile
from contextlib import contextmanager

from stages.core.stop import Stop

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"


def import_keras():
    """The module keras. TensorFlow greets with lines that no setting silences: shown only where the import fails."""
    with tempfile.TemporaryFile() as greeting:
        stderr = os.dup(2)
        os.dup2(greeting.fileno(), 2)
        try:
            import keras
        except ImportError:
            greeting.seek(0)
            os.write(stderr, greeting.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
    return keras


@contextmanager
def strategy(n):
    """TensorFlow's strategy for n devices, in its scope: this machine's GPUs where it has any."""
    import tensorflow as tf

    kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
    found = [device.name for device in tf.config.list_logical_devices(kind)]
    if n > len(found):
        raise Stop(f"train.devices is {n}, but this machine has {len(found)} {kind}: set it to {len(found)}")
    devices = tf.distribute.get_strategy() if n == 1 else tf.distribute.MirroredStrategy(found[:n])
    with devices.scope():
        yield devices
