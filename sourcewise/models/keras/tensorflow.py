"""Keras on TensorFlow, imported only where it is used: the import takes three seconds."""

import os
import tempfile

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"


def import_keras():
    """The module keras. TensorFlow prints lines that no setting silences: shown only if the import fails."""
    with tempfile.TemporaryFile() as output:
        stderr = os.dup(2)
        os.dup2(output.fileno(), 2)
        try:
            import keras
        except ImportError:
            output.seek(0)
            os.write(stderr, output.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
    return keras
