"""Layers that vary batches in training only; they are not part of the stored network."""

import numpy as np
from keras import layers, ops, random


class SpecAugment(layers.Layer):
    """Hides stretches of time and of columns of (batch, time, columns, ...): Park et al. 2019, without the warp.

    share: of time and of columns, the largest that one of two stretches each hides. Hidden values become the mean of
    their example, so that they carry no information.
    """

    def __init__(self, share, *, seed):
        super().__init__(dtype="float32")  # batches and targets, whatever the network's precision
        self._share, self._seeds = share, random.SeedGenerator(seed)

    def call(self, x, y):
        """(x, y), x with stretches hidden, at other positions in each example."""
        hidden = ops.zeros(ops.shape(x)[:3], dtype=bool)
        for axis, share in enumerate(self._share, start=1):
            for _ in range(2):
                hidden = ops.logical_or(hidden, self._stretch(x, axis, share))
        hidden = ops.reshape(hidden, (*ops.shape(hidden), *[1] * (len(x.shape) - 3)))
        mean = ops.mean(x, axis=tuple(range(1, len(x.shape))), keepdims=True)
        return ops.where(hidden, mean, x), y

    def _stretch(self, x, axis, share):
        n, batch = x.shape[axis], ops.shape(x)[0]
        size = random.uniform((batch, 1), 0, share * n, seed=self._seeds)
        start = random.uniform((batch, 1), 0, 1, seed=self._seeds) * (n - size)
        position = ops.arange(n, dtype="float32")[None]
        inside = ops.logical_and(position >= start, position < start + size)  # (batch, n)
        return inside[:, :, None] if axis == 1 else inside[:, None, :]


class Mixup(layers.Layer):
    """Each example mixed with another of its batch, their targets likewise: Zhang et al. 2018.

    alpha: both parameters of the Beta distribution that the share of the other is drawn from.
    """

    def __init__(self, alpha, *, seed):
        super().__init__(dtype="float32")
        self._alpha, self._seeds = alpha, random.SeedGenerator(seed)

    def call(self, x, y):
        """(x, y) mixed; the larger share is the example's own."""
        batch = ops.shape(x)[0]
        other = random.shuffle(ops.arange(batch), seed=self._seeds)
        share = random.beta((batch,), self._alpha, self._alpha, seed=self._seeds)
        share = ops.maximum(share, 1 - share)
        return self._mix(x, other, share), self._mix(y, other, share)

    @staticmethod
    def _mix(values, other, share):
        share = ops.reshape(share, (-1, *[1] * (len(values.shape) - 1)))
        return share * values + (1 - share) * ops.take(values, other, axis=0)


def standardise(x):
    """A layer that subtracts each column's mean over train and divides by its deviation, or by 1 for a constant; in
    float32 whatever the network's precision, as the table's columns run to millions.

    x: an iterable of arrays (n, n_columns), or one such array.
    """
    n, total, squares = 0, 0.0, 0.0
    for part in [x] if isinstance(x, np.ndarray) else x:
        part = np.asarray(part, np.float64)
        n, total, squares = n + len(part), total + part.sum(axis=0), squares + (part**2).sum(axis=0)
    mean = total / n
    variance = squares / n - mean**2
    variance = np.where(variance > 1e-12 * mean**2, variance, 1)  # or rounding errors of a constant
    return layers.Normalization(axis=-1, mean=mean.tolist(), variance=variance.tolist(), dtype="float32")
