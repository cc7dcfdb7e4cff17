"""The input of networks: sections that say how a clip becomes the array that a network takes."""

from functools import partial
from typing import Literal, NamedTuple

import numpy as np
from pydantic import PositiveInt

from sourcewise.audio.samples import to_float
from sourcewise.core.params import Entry
from sourcewise.models.examples import POOLS, columns, pooled, resized
from sourcewise.models.keras.settings import AugmentedTraining, MaskedTraining, Training
from sourcewise.models.keras.windows import all_starts, augment, crop, normalise, random_start

RANGE_DB = 50  # values further below a clip's loudest count as silence


class View(NamedTuple):
    """How a clip becomes the input of a network.

    prepare(clip): the whole clip as an array, (n, ...). length: of the network's window along the first axis; training
    takes random windows, prediction pools as many as cover the clip; None: the array is the window.
    augment(clip, rng=): varies the clip in training, before it is prepared. fill: pads windows of shorter clips; None:
    with the clip's smallest value.
    """

    prepare: callable
    length: int | None = None
    augment: callable = lambda clip, rng: clip
    fill: float | None = None

    def example(self, clip, rng):
        """One training window, and where it begins and ends, as shares of the clip."""
        clip = self.prepare(self.augment(clip, rng=rng))
        if self.length is None:
            return clip, (0, 1)
        start = random_start(len(clip), self.length, rng)
        return self._cut(clip, start), (start / len(clip), min((start + self.length) / len(clip), 1))

    def windows(self, clip):
        """The windows that prediction averages over."""
        clip = self.prepare(clip)
        if self.length is None:
            return [clip]
        return [self._cut(clip, start) for start in all_starts(len(clip), self.length)]

    def _cut(self, clip, start):
        return crop(clip, self.length, start, fill=self.fill)


class Network(Entry):
    """Settings of all networks. Each subclass defines the input: `view()`, and `shape(x)` of one window."""

    family: Literal["keras"]
    training: Training

    def clips(self, x):
        """The features as a sequence of clips."""
        return x


class OnMel(Network):
    """Windows of log-mel, (frames, n_mels), each clip in units of its own deviation; float32."""

    training: AugmentedTraining
    frames: PositiveInt

    def view(self):
        """By `windows.normalise` and `windows.augment`."""
        vary = partial(augment, **self.training.augment.model_dump())
        return View(partial(normalise, range_db=RANGE_DB), self.frames, vary)

    def shape(self, x):
        """Of one window."""
        return self.frames, x[0].shape[1]


class OnFrames(Network):
    """Windows of the first `columns` numbers of each frame, (frames, columns), null: all; not scaled: `standardise`
    belongs into the network."""

    training: MaskedTraining
    frames: PositiveInt
    columns: PositiveInt | None

    def view(self):
        """Pads short clips by repeating the last frame."""
        return View(lambda clip: clip[:, : self.columns], self.frames, fill="last")

    def shape(self, x):
        """Of one window."""
        return self.frames, x[0][:, : self.columns].shape[1]


class OnImages(Network):
    """Images (height, width, 3), resized by area, from 0 to 1."""

    training: MaskedTraining
    height: PositiveInt
    width: PositiveInt

    def view(self):
        """One image a clip."""
        return View(partial(resized, height=self.height, width=self.width))

    def shape(self, x):
        """Of one image."""
        return self.height, self.width, 3


class OnTable(Network):
    """The columns of the table, (n_columns,), not scaled: `standardise` belongs into the network."""

    def clips(self, x):
        """float32 (n_clips, n_columns)."""
        return columns(x).astype(np.float32)

    def view(self):
        """One row a clip."""
        return View(lambda row: row)

    def shape(self, x):
        """Of one row."""
        return (columns(x.iloc[:0]).shape[1],)


class OnPooled(Network):
    """A clip's frames summed up, as for scikit-learn's estimators: (n_columns,), not scaled."""

    pool: Literal[tuple(POOLS)]

    def clips(self, x):
        """float32 (n_clips, n_columns)."""
        return pooled(x, None, self.pool).astype(np.float32)

    def view(self):
        """One row a clip."""
        return View(lambda row: row)

    def shape(self, x):
        """Of one row."""
        return pooled([x[0]], None, self.pool).shape[1:]


class OnWave(Network):
    """Windows of the wave, (samples,) in [-1, 1]."""

    samples: PositiveInt

    def view(self):
        """Pads short clips with silence."""
        return View(to_float, self.samples, fill=0)

    def shape(self, x):
        """Of one window."""
        return (self.samples,)


class OnEmbedding(Network):
    """The embedding of a clip by a frozen network, float32."""

    def view(self):
        """The whole embedding."""
        return View(lambda clip: clip.astype(np.float32))

    def shape(self, x):
        """Of one clip's."""
        return self.view().prepare(x[0]).shape
