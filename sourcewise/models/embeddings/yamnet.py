"""YAMNet on waves ([R2]), trained on AudioSet: 1024 numbers for each frame of 0.96 s, one every 0.48 s.

The network is a TensorFlow SavedModel, a graph and no Python. A graph is still a program, and may contain operations
that read and write files; only the one that weights.sha256 names is therefore trusted, and it may not be null. The
checksum in params.yaml is that of google/yamnet/1 as several projects have pinned it. The SavedModel is an archive, or
a folder, whose checksum is another.
"""

from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import AfterValidator

from sourcewise.audio.samples import to_float
from sourcewise.core.errors import NotRun, Stop
from sourcewise.core.params import Entry
from sourcewise.models.keras.tensorflow import import_keras
from sourcewise.models.pretrained import Weights
from sourcewise.storage.archives import Unusable, unpack
from sourcewise.storage.files import scratch

GIVES = "frames"
SR = 16_000  # Hz
WIDTH = 1024


def _pinned(weights):
    if weights.sha256 is None:
        raise ValueError("sha256 must not be null: a SavedModel is a program, and this says which one is trusted")
    return weights


class Params(Entry):
    """`embeddings.yamnet`: where the SavedModel is."""

    weights: Annotated[Weights, AfterValidator(_pinned)]


TAKES = {"wave": Params}


def refuse(features):
    """Raises NotRun for waves of another rate than YAMNet's; features: their section of params.yaml."""
    if features["sr"] != SR:
        raise NotRun(f"features.wave.sr is {features['sr']}, but YAMNet takes {SR}: set it to that")


def load(path, p):
    """The function from a wave, int16 (n_samples,), to the embedding of each of its frames, float16 (n_frames, 1024);
    YAMNet itself pads waves shorter than a frame."""
    import_keras()  # silences TensorFlow
    with scratch("yamnet") as folder:
        network = _network(path, _unpacked(path, folder) if path.is_file() else path)

    def embed(wave):
        _, embeddings, _ = network(to_float(wave))
        return embeddings.numpy().astype(np.float16)

    try:
        shape = embed(np.zeros(SR, np.int16)).shape
    except (TypeError, ValueError) as error:
        raise Stop(f"{path} is no YAMNet: {' '.join(str(error).split())[:200]}") from None
    if shape[1:] != (WIDTH,):
        raise Stop(f"{path} is no YAMNet: its embeddings have the shape {shape}, not (n_frames, {WIDTH})")
    return embed


def _unpacked(archive, folder):
    try:
        unpack(archive, folder)
    except Unusable as error:
        raise Stop(f"{archive} {error}") from None
    files = sorted(folder.rglob("saved_model.pb"))
    return files[0].parent if files else folder


def _network(path, folder):
    import tensorflow as tf

    if not (Path(folder) / "saved_model.pb").is_file():
        raise Stop(f"{path} holds no saved_model.pb: it must be a SavedModel, a folder or an archive")
    try:
        return tf.saved_model.load(str(folder))
    except (OSError, ValueError, tf.errors.OpError) as error:
        raise Stop(f"{path} cannot be loaded: {' '.join(str(error).split())[:200]}") from None
