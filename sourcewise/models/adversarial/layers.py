"""Layers of discriminators, and what is shown to them."""

import numpy as np
from keras import layers, ops

FLOOR = 1e-2  # of the power of a band, for waves of deviation 1: what is below it counts as silence


class LogMel(layers.Layer):
    """Waves (n, n_samples) as log-mel frames (n, N_FRAMES + 1, n_mels), in units of about 1, through which gradients
    flow: a discriminator of frames sees pitch and envelope whatever the phase is."""

    N_FRAMES, N_FFT = 64, 128

    def __init__(self, sr, n_mels=32, **options):
        super().__init__(**options)
        self.sr, self.n_mels = sr, n_mels
        self._filters = _filters(sr, self.N_FFT, n_mels)

    def get_config(self):
        """Its arguments."""
        return super().get_config() | {"sr": self.sr, "n_mels": self.n_mels}

    def call(self, waves):
        """The frames."""
        hop, half = max(waves.shape[1] // self.N_FRAMES, 1), self.N_FFT // 2
        real, imaginary = ops.stft(ops.pad(waves, [[0, 0], [half, half]]), self.N_FFT, hop, self.N_FFT, center=False)
        return ops.log(ops.matmul(real**2 + imaginary**2, self._filters) + FLOOR) / 4


def _filters(sr, n_fft, n_mels):
    """Mel filters (n_fft // 2 + 1, n_mels), each with at least one bin."""
    from librosa.filters import mel

    filters = mel(sr=sr, n_fft=n_fft, n_mels=n_mels, htk=True, norm=None).T
    for band in (filters.sum(axis=0) == 0).nonzero()[0]:  # narrower than a bin
        filters[round(band * (n_fft // 2) / n_mels), band] = 1
    return filters.astype(np.float32)


def shifted(examples, draws):
    """Differentiable augmentation (S. Zhao et al., NeurIPS 2020): each example shifted by up to an eighth, with another
    gain or brightness. What is judged is varied, real or not, so that few clips are not learned by heart.

    examples: waves (n, n_samples), of deviation 1, or images (n, height, width, 3) from 0 to 1; draws: (n, 3) from 0 to
    1, of which the result depends.
    """
    if len(examples.shape) == 2:
        return _moved(examples, draws[:, 0], axis=1) * ops.exp(0.7 * draws[:, 1:2] - 0.35)
    moved = _moved(_moved(examples, draws[:, 0], axis=1), draws[:, 1], axis=2)
    return moved + (0.4 * draws[:, 2] - 0.2)[:, None, None, None]


def _moved(x, draws, axis):
    """x moved along an axis by -1/8 to 1/8 of its length; waves enter as silence, images as their mirrored border."""
    length, rest = x.shape[axis], [1] * (len(x.shape) - 2)
    far = length // 8
    steps = ops.cast(ops.round((2 * draws - 1) * far), "int32")
    at = ops.reshape(ops.arange(length)[None] + steps[:, None], (-1, *([1] * (axis - 1)), length, *rest[axis - 1 :]))
    inside = ops.clip(at, 0, length - 1)
    if len(x.shape) > 2:
        inside = ops.where(at < 0, -at, ops.where(at > length - 1, 2 * (length - 1) - at, at))
        return ops.take_along_axis(x, ops.broadcast_to(inside, x.shape), axis=axis)
    return ops.take_along_axis(x, inside, axis=axis) * ops.cast(inside == at, x.dtype)
