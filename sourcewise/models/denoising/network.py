"""Input, training, application and storage of all denoising networks.

A network is a module with `Params` and `build(p)`, the Keras network from noisy to clean magnitudes, each (frames,
n_fft / 2); the wave is reconstructed with the noisy phase. Magnitudes are those of short-time spectra, without the
highest bin, divided by the level of their window, so that loudness does not matter, and raised to `compress`, so that
soft sound counts, too.
"""

from pathlib import Path
from threading import Lock
from typing import Annotated
from zlib import crc32

import numpy as np
import pandas as pd
from pydantic import Field, PositiveInt, model_validator

from sourcewise.audio.samples import to_float
from sourcewise.audio.spectral import magnitude_of, packed_spectra, wave
from sourcewise.core import params
from sourcewise.core.params import Section
from sourcewise.models.denoising.settings import Training
from sourcewise.models.denoising.sounds import noisy
from sourcewise.models.keras import loop, networks
from sourcewise.models.keras.networks import Checkpoint, changing
from sourcewise.models.keras.tensorflow import import_keras
from sourcewise.storage.files import read_json, write_json

WINDOWS_AT_ONCE = 8  # in cleaning: always as many, since rounding depends on the shape of a batch
SILENT = 1e-9  # level below which a window is divided by this


class Layers(Section):
    """filters: of the convolutions down to the narrowest. pool: factors by which each of them pools frames and bins."""

    filters: Annotated[list[PositiveInt], Field(min_length=1)]
    pool: Annotated[list[PositiveInt], Field(min_length=2, max_length=2)]


class Network(Section):
    """Base of the sections of networks.

    n_fft (a power of two), hop_length: of the spectra, in samples. frames: of a window. compress: the power that
    magnitudes are raised to.
    """

    model: str
    n_fft: int = Field(ge=64, le=65536)
    hop_length: PositiveInt
    frames: PositiveInt
    layers: Layers
    compress: Annotated[float, Field(gt=0, le=1)]
    training: Training

    @model_validator(mode="after")
    def _fit_together(self):
        if self.n_fft & (self.n_fft - 1):
            raise ValueError(f"n_fft is {self.n_fft}, must be a power of two")
        if self.hop_length > self.n_fft // 2:
            raise ValueError(f"hop_length is {self.hop_length}, must not be above n_fft / 2 ({self.n_fft // 2})")
        axes = ("frames", self.frames), ("n_fft / 2", self.n_fft // 2)
        for (axis, n), pool in zip(axes, self.layers.pool, strict=True):
            if n % pool ** len(self.layers.filters):
                raise ValueError(
                    f"{axis} is {n}, must be a multiple of {pool ** len(self.layers.filters)}, to be pooled"
                )
        return self


class Model:
    """A network, its section of params.yaml, and its learning curve."""

    def __init__(self, network, p, history=None):
        self._network, self._p, self.history, self._lock = network, p, history, Lock()

    def clean(self, y, sr):
        """The wave, float32 (n_samples,), each magnitude reduced by the network, never raised.

        Windows overlap by half; their middle has the most weight.
        """
        p = self._p
        packed = packed_spectra(y, n_fft=p.n_fft, hop_length=p.hop_length)
        magnitude = magnitude_of(packed)[:, :-1]
        n, step = len(magnitude), max(1, p.frames // 2)
        padded = np.pad(magnitude, [(0, max(p.frames - n, -(n - p.frames) % step)), (0, 0)], mode="wrap")
        starts = range(0, len(padded) - p.frames + 1, step)
        near = np.minimum(np.arange(1, p.frames + 1), np.arange(p.frames, 0, -1)).astype(np.float32)[:, None]
        kept, weights = np.zeros_like(padded), np.zeros((len(padded), 1), np.float32)
        for start, gain in zip(starts, self._gains([padded[s : s + p.frames] for s in starts]), strict=True):
            kept[start : start + p.frames] += near * gain
            weights[start : start + p.frames] += near
        return wave(_with_gain(packed, (kept / weights)[:n]), hop_length=p.hop_length, length=len(y))

    def _gains(self, windows):
        """The gain of each magnitude, 0 to 1, of windows (frames, n_fft / 2)."""
        for first in range(0, len(windows), WINDOWS_AT_ONCE):
            some = windows[first : first + WINDOWS_AT_ONCE]
            noisy = np.stack([_scaled(w, _level(w), self._p) for w in some])
            filled = np.pad(noisy, [(0, WINDOWS_AT_ONCE - len(some)), (0, 0), (0, 0)])
            with self._lock:
                clean = np.asarray(self._network.predict_on_batch(filled))[: len(some)]
            ratio = np.divide(clean, noisy, out=np.zeros_like(noisy), where=noisy > 0)
            yield from np.clip(ratio, 0, 1) ** np.float32(1 / self._p.compress)

    def save(self, folder):
        """Write the network, and the learning curve as CSV: nothing that runs code when loaded."""
        folder = Path(folder)
        networks.save(folder, self._network)
        self.history.to_csv(folder / "history.csv", index=False, lineterminator="\n")
        write_json(folder / "params.json", self._p.model_dump())


def load(model, folder):
    """The Model that `save` wrote; `model` is the class of its section."""
    folder = Path(folder)
    p = params.check(model, read_json(folder / "params.json"), f"{folder}/params.json")
    return Model(networks.load(folder), p, pd.read_csv(folder / "history.csv"))


def fit(build, train, validation, p):
    """Train the network of `build(p)` on windows of noisy clips; early stopping on the validation loss, best weights
    restored.

    Each epoch draws a window, noise and its level for each clip. Repeats bit by bit; a killed training resumes after
    its last whole epoch.
    """
    keras, training = import_keras(), p.training
    keras.backend.clear_session()
    keras.utils.set_random_seed(training.seed)
    network, powers, held_out = compiled(keras, build, len(train.ids), p), _powers(train), _powers(validation)
    history = loop.train(
        network,
        training,
        Checkpoint(changing(network), _key(network, train, validation, p)),
        one_epoch=lambda epoch: one_epoch(network, train, powers, p, epoch),
        validate=lambda: (_validate(network, validation, held_out, p),),
        title="denoise",
    )
    return Model(network, p, history)


def compiled(keras, build, n_clips, p, **options):
    """The network, compiled for training; options: of Keras' `compile`."""
    network, steps = build(p), p.training.epochs * -(-n_clips // p.training.batch)
    schedule = keras.optimizers.schedules.CosineDecay(p.training.learning_rate, steps)
    network.compile(keras.optimizers.Adam(schedule), "mse", **options)
    return network


def one_epoch(network, train, powers, p, epoch):
    """A step a batch, over all clips in a new order; the mean loss."""
    order = np.random.default_rng([p.training.seed, epoch]).permutation(len(train.ids))
    losses = []
    for first in range(0, len(order), p.training.batch):
        rows = order[first : first + p.training.batch]
        x, y = _stacked(train, powers, rows, p, epoch)
        losses.append((len(rows), float(network.train_on_batch(x, y))))
    return float(np.average([loss for _, loss in losses], weights=[n for n, _ in losses]))


def _validate(network, sounds, powers, p):
    """The loss on the same windows with the same noise, whatever the epoch."""
    total = 0.0
    for first in range(0, len(sounds.ids), WINDOWS_AT_ONCE):
        rows = np.arange(first, min(first + WINDOWS_AT_ONCE, len(sounds.ids)))
        x, y = _stacked(sounds, powers, np.resize(rows, WINDOWS_AT_ONCE), p, "validation")
        errors = np.square(np.asarray(network.predict_on_batch(x)) - y, dtype=np.float64)
        total += errors[: len(rows)].mean(axis=(1, 2)).sum()
    return total / len(sounds.ids)


def _stacked(sounds, powers, rows, p, when):
    """Windows of noisy and of clean magnitudes, each (n, frames, n_fft / 2), as the network takes them."""
    pairs = [_window(sounds, row, powers[row], p, when) for row in rows]
    return tuple(np.stack(windows) for windows in zip(*pairs, strict=True))


def _window(sounds, row, power, p, when):
    """One window of a clip, (noisy, clean); its randomness depends on seed, clip and epoch."""
    rng = np.random.default_rng([p.training.seed, crc32(f"{sounds.ids[row]} {when}".encode())])
    clip, length = sounds.waves[row], (p.frames + 1) * p.hop_length
    start = rng.integers(max(len(clip) - length, 0) + 1)
    y = to_float(np.resize(clip[start : start + length], length))  # a shorter clip is repeated
    noise = sounds.noise(sounds.kinds[rng.integers(len(sounds.kinds))], length, rng=rng)
    mixed = noisy(y, noise, snr_db=rng.uniform(*p.training.snr_db), power=power)
    # the first and last frames reach into the zero padding, which frames within a clip do not
    noisy_frames, clean_frames = (_magnitude(x, p)[1:-1] for x in (mixed, y))
    level = _level(noisy_frames)
    return _scaled(noisy_frames, level, p), _scaled(clean_frames, level, p)


def _magnitude(y, p):
    return magnitude_of(packed_spectra(y, n_fft=p.n_fft, hop_length=p.hop_length))[:, :-1]


def _level(magnitude):
    return max(float(np.sqrt(np.mean(np.square(magnitude, dtype=np.float64)))), SILENT)


def _scaled(magnitude, level, p):
    return (magnitude / np.float32(level)) ** np.float32(p.compress)


def _with_gain(packed, gain):
    """Packed spectra times (n_frames, n_fft / 2) gains; the highest bin has that of the one below."""
    factors = np.repeat(np.concatenate([gain, gain[:, -1:]], axis=1), 2, axis=1)
    return np.ascontiguousarray(packed * factors[:, 1:-1])


def _powers(sounds):
    """The mean power of each clip."""
    return [float(np.mean(np.square(to_float(clip)), dtype=np.float64)) for clip in sounds.waves]


def _key(network, train, validation, p):
    """A digest of network, parameters, code, clips and noise: the name of the checkpoint."""
    digest = networks.digest_of([network], p, Path(__file__).parent)
    for sounds in (train, validation):
        for name, clip in zip(sounds.ids, sounds.waves, strict=True):
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(clip).data)
        for noise in sounds.noises or []:
            digest.update(np.ascontiguousarray(noise).data)
    return digest.hexdigest()
