"""YAMNet on waves ([R2]), trained on AudioSet: 1024 numbers for each patch of 0.96 s, one every 0.48 s.

The network and its log-mel spectrogram are those of github.com/tensorflow/models, research/audioset/yamnet; the weights
are the file yamnet.h5 that is published with them. HDF5 holds numbers only: loading it runs no code.
"""

from functools import cache
from pathlib import Path

import numpy as np
import scipy
import soxr

from sourcewise.audio.samples import to_float
from sourcewise.core.errors import Stop
from sourcewise.core.params import Entry
from sourcewise.models.keras.tensorflow import import_keras
from sourcewise.models.pretrained import Weights, read_layers

GIVES = "frames"
PACKAGES = ("keras", "tensorflow", "tensorflow-cpu", "scipy", "soxr")
SR = 16_000  # Hz
WINDOW, HOP, N_FFT = 400, 160, 512  # samples of a frame
N_MELS, MEL_HZ = 64, (125, 7500)
FRAMES, FRAMES_HOP = 96, 48  # of a patch
PATCH, PATCH_HOP = (FRAMES - 1) * HOP + WINDOW, FRAMES_HOP * HOP  # samples
AT_ONCE = 10  # patches, so that an hour's recording takes no more memory than five seconds
STRIDES = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)  # of the depthwise convolutions
WIDTHS = (64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)  # of the pointwise ones behind them
CLASSES, LISTED = 521, 5  # of AudioSet; of them, those whose scores are stored
EPSILON = 1e-4  # of batch normalisation


class Params(Entry):
    """`embeddings.yamnet`: where yamnet.h5 is."""

    weights: Weights


TAKES = {"wave": Params}


def load(path, p, features):
    """The function from a wave, int16 (n_samples,) at features["sr"] Hz, to the embedding of each of its patches,
    float16 (n_patches, 1024); waves are padded with zeros to whole patches."""
    network = _compiled(read(path)[0])

    def embed(wave):
        y = to_float(wave)
        y = padded(y if features["sr"] == SR else soxr.resample(y, features["sr"], SR, quality="HQ"))
        starts = range(0, len(y) - PATCH + 1, PATCH_HOP * AT_ONCE)
        parts = (patches(y[start : start + PATCH + PATCH_HOP * (AT_ONCE - 1)]) for start in starts)
        return np.concatenate([network(part[..., None]).numpy().astype(np.float16) for part in parts])

    return embed


def padded(y):
    """A wave followed by zeros up to the end of its last patch."""
    hops = max(0, -(-(len(y) - PATCH) // PATCH_HOP))
    return np.pad(y, (0, PATCH + hops * PATCH_HOP - len(y)))


def patches(y):
    """The log-mel spectrogram of a padded wave in patches, float32 (n_patches, 96, 64), every 48 frames."""
    mel = log_mel(y)
    return np.stack([mel[start : start + FRAMES] for start in range(0, len(mel) - FRAMES + 1, FRAMES_HOP)])


def log_mel(y):
    """log(mel + 0.001) of magnitudes, float32 (n_frames, 64), of frames of 25 ms every 10 ms that lie within y."""
    frames = np.lib.stride_tricks.sliding_window_view(y, WINDOW)[::HOP]
    spectrum = scipy.fft.rfft(frames * scipy.signal.windows.hann(WINDOW, sym=False).astype(np.float32), N_FFT)
    return np.log(np.abs(spectrum) @ _mel_filters() + np.float32(0.001))


@cache
def _mel_filters():
    """Triangles that are linear in mel, float32 (257, 64), as tf.signal.linear_to_mel_weight_matrix makes them."""
    mel = _mel(np.linspace(0, SR / 2, N_FFT // 2 + 1))[:, None]
    edges = np.linspace(*_mel(np.array(MEL_HZ)), N_MELS + 2)
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    filters = np.maximum(0, np.minimum((mel - low) / (centre - low), (high - mel) / (high - centre)))
    filters[0] = 0
    return filters.astype(np.float32)


def _mel(hz):
    return 1127 * np.log1p(hz / 700)


def describe(path, embeddings):
    """{"audioset": a line a clip, "index:score" of the classes with the highest scores, the maximum over patches}."""
    kernel, bias = read(path)[1]
    lines = []
    for clip in embeddings:
        scores = scipy.special.expit((clip.astype(np.float32) @ kernel + bias).max(axis=0))
        best = np.argsort(-scores, kind="stable")[:LISTED]
        lines.append(" ".join(f"{k}:{scores[k]:.3f}" for k in best))
    return {"audioset": lines}


@cache
def class_names():
    """The names of the 521 classes of AudioSet, as in the published yamnet_class_map.csv."""
    return Path(__file__).with_name("audioset.txt").read_text(encoding="utf-8").splitlines()


def read(path):
    """The weights in yamnet.h5: (kernel, bias) of each convolution, with the batch normalisation behind it; and those
    of the dense layer that gives the classes, (1024, 521) and (521,)."""
    layers = [arrays for arrays in read_layers(path, "YAMNet").values() if arrays]
    shapes = [[(3, 3, 1, 32)], [(32,)] * 3]
    for before, width in zip((32, *WIDTHS), WIDTHS, strict=False):
        shapes += [[(3, 3, before, 1)], [(before,)] * 3, [(1, 1, before, width)], [(width,)] * 3]
    shapes.append([(WIDTHS[-1], CLASSES), (CLASSES,)])
    if [[array.shape for array in arrays] for arrays in layers] != shapes:
        raise Stop(f"{path} does not hold the weights of YAMNet: its layers have other shapes")
    *pairs, dense = layers
    return [_folded(*pairs[k], *pairs[k + 1]) for k in range(0, len(pairs), 2)], dense


def _folded(kernel, beta, mean, variance):
    """(kernel, bias) of a convolution that normalises, too: (conv(x) - mean) / sqrt(variance + epsilon) + beta."""
    scale = 1 / np.sqrt(variance.astype(np.float64) + EPSILON)
    is_depthwise = kernel.shape[3] == 1
    return (kernel * (scale[:, None] if is_depthwise else scale)).astype(np.float32), beta - mean * scale


def _compiled(weights):
    """The network from patches (n, 96, 64, 1) to embeddings (n, 1024)."""
    keras = import_keras()
    import tensorflow as tf

    layers = keras.layers
    convolutions = [layers.Conv2D(32, 3, strides=2, padding="same", activation="relu")]
    for stride, width in zip(STRIDES, WIDTHS, strict=True):
        convolutions.append(layers.DepthwiseConv2D(3, strides=stride, padding="same", activation="relu"))
        convolutions.append(layers.Conv2D(width, 1, activation="relu"))
    network = keras.Sequential([keras.Input((FRAMES, N_MELS, 1)), *convolutions, layers.GlobalAveragePooling2D()])
    for layer, arrays in zip(convolutions, weights, strict=True):
        layer.set_weights(arrays)
    shape = tf.TensorSpec((None, FRAMES, N_MELS, 1), tf.float32)
    return tf.function(lambda x: network(x, training=False), input_signature=[shape], autograph=False)
