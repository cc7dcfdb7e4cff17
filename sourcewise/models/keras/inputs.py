"""What networks take: the sections that say how a clip becomes the array that a network sees."""

from functools import partial
from typing import Literal, NamedTuple

import numpy as np
from pydantic import PositiveInt

from sourcewise.audio.samples import to_float
from sourcewise.core.params import Entry
from sourcewise.models.examples import columns, resized
from sourcewise.models.keras.settings import AugmentedTraining, MaskedTraining, Training
from sourcewise.models.keras.windows import all_starts, augment, crop, normalise, random_start

RANGE_DB = 50  # what lies further below a clip's loudest value is taken for silence


class View(NamedTuple):
    """How a network sees a clip.

    prepare(clip): the whole clip as an array, (n, ...). length: of the network's window along its first axis, of
    which a random one is trained on and as many as cover the clip are averaged over; None: the array is the window.
    augment(clip, rng=): the clip as training varies it, before it is prepared. fill: what windows are filled up with
    where a clip is shorter; None: its smallest value.
    """

    prepare: callable
    length: int | None = None
    augment: callable = lambda clip, rng: clip
    fill: float | None = None

    def example(self, clip, rng):
        """One window to train on."""
        clip = self.prepare(self.augment(clip, rng=rng))
        return clip if self.length is None else self._cut(clip, random_start(len(clip), self.length, rng))

    def windows(self, clip):
        """Those that are averaged over."""
        clip = self.prepare(clip)
        if self.length is None:
            return [clip]
        return [self._cut(clip, start) for start in all_starts(len(clip), self.length)]

    def _cut(self, clip, start):
        return crop(clip, self.length, start, fill=self.fill)


class Network(Entry):
    """What all networks have; each kind of input says how a clip is seen, by `view()`, and in which shape."""

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
        """As `windows.normalise` and `windows.augment` say."""
        varied = partial(augment, **self.training.augment.model_dump())
        return View(partial(normalise, range_db=RANGE_DB), self.frames, varied)

    def shape(self, x):
        """Of one window."""
        return self.frames, x[0].shape[1]


class OnFrames(Network):
    """Windows of the first `columns` numbers of each frame, (frames, columns), null: of all; as they are:
    `standardise` belongs into the network."""

    training: MaskedTraining
    frames: PositiveInt
    columns: PositiveInt | None

    def view(self):
        """The last frame is repeated where a clip is too short."""
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
    """The columns of the table, (n_columns,), as they are: `standardise` belongs into the network."""

    def clips(self, x):
        """float32 (n_clips, n_columns)."""
        return columns(x).astype(np.float32)

    def view(self):
        """One row a clip."""
        return View(lambda row: row)

    def shape(self, x):
        """Of one row."""
        return (columns(x.iloc[:0]).shape[1],)


class OnWave(Network):
    """Windows of the wave, (samples,) in [-1, 1]."""

    samples: PositiveInt

    def view(self):
        """Silence follows where a clip is too short."""
        return View(to_float, self.samples, fill=0)

    def shape(self, x):
        """Of one window."""
        return (self.samples,)


class OnEmbedding(Network):
    """What a frozen network made of a clip, float32."""

    def view(self):
        """All of it."""
        return View(lambda clip: clip.astype(np.float32))

    def shape(self, x):
        """Of one clip's."""
        return self.view().prepare(x[0]).shape
