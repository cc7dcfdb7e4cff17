"""Keras on TensorFlow, imported where it is used: that takes three seconds, and reading parameters does not need it."""

import os
import tempfile

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
