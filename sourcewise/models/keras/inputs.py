"""What networks take: the sections that say how a clip becomes the array that a network sees."""

from functools import partial
from typing import Annotated, Literal, NamedTuple

import numpy as np
from pydantic import AfterValidator, Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from sourcewise.core.params import Classifier, Range, Section, Share
from sourcewise.models.examples import columns, resized
from sourcewise.models.keras.windows import all_starts, crop, normalise, random_start, vary

RANGE_DB = 50  # what lies further below a clip's loudest value is taken for silence


class Training(Section):
    """How a network is trained.

    patience: epochs without a smaller validation loss. learning_rate: falls to 0 along a cosine. weight_decay: of the
    weights themselves, apart from the gradient. balanced: each class counts the same in the loss, however many clips
    it has. mixup: alpha of `layers.Mixup`, 0 mixes none. mask: of the first and of the second axis of the input, the
    largest share that `layers.SpecAugment` hides at once; 0 hides none.
    """

    epochs: PositiveInt
    patience: PositiveInt
    batch: PositiveInt
    optimizer: Literal["adam", "sgd"]
    learning_rate: PositiveFloat
    weight_decay: NonNegativeFloat
    balanced: bool
    mixup: NonNegativeFloat
    mask: Annotated[list[Share], Field(min_length=2, max_length=2)]
    seed: NonNegativeInt


def _unmasked(training):
    if any(training.mask):
        raise ValueError("mask must be [0, 0]: this input has no two axes to hide stretches of")
    return training


#: Of networks whose input is a row of numbers or of samples.
Unmasked = Annotated[Training, AfterValidator(_unmasked)]


class Variation(Section):
    """How far training clips are varied, new in every epoch: see `windows.vary`."""

    share: Annotated[float, Field(ge=0, le=1)]
    speed: Share
    shift: Share
    tilt_db: NonNegativeFloat
    noise_db: Range[NonNegativeFloat]


class View(NamedTuple):
    """How a network sees a clip.

    prepare(clip): the whole clip as an array, (n, ...). length: of the network's window along its first axis, of
    which a random one is trained on and as many as cover the clip are averaged over; None: the array is the window.
    vary(clip, rng=): the clip as training varies it, before it is prepared. fill: what windows are filled up with
    where a clip is shorter; None: its smallest value.
    """

    prepare: callable
    length: int | None = None
    vary: callable = lambda clip, rng: clip
    fill: float | None = None

    def example(self, clip, rng):
        """One window to train on."""
        clip = self.prepare(self.vary(clip, rng=rng))
        return clip if self.length is None else self._cut(clip, random_start(len(clip), self.length, rng))

    def windows(self, clip):
        """Those that are averaged over."""
        clip = self.prepare(clip)
        if self.length is None:
            return [clip]
        return [self._cut(clip, start) for start in all_starts(len(clip), self.length)]

    def _cut(self, clip, start):
        return crop(clip, self.length, start, fill=self.fill)


class Network(Classifier):
    """What all networks have; each kind of input says how a clip is seen, by `view()`, and in which shape."""

    family: Literal["keras"]
    training: Training

    def clips(self, x):
        """The features as a sequence of clips."""
        return x


class OnMel(Network):
    """Windows of log-mel, (frames, n_mels), each clip in units of its own deviation; float32."""

    input: Literal["mel"]
    frames: PositiveInt
    vary: Variation | None

    def view(self):
        """As `windows.normalise` and `windows.vary` say."""
        how = {} if self.vary is None else {"vary": partial(vary, **self.vary.model_dump())}
        return View(partial(normalise, range_db=RANGE_DB), self.frames, **how)

    def shape(self, x):
        """Of one window."""
        return self.frames, x[0].shape[1]


class OnMfcc(Network):
    """Windows of the first n_mfcc MFCC, (frames, n_mfcc), as they are: `standardise` belongs into the network."""

    input: Literal["mfcc"]
    frames: PositiveInt
    n_mfcc: PositiveInt

    def view(self):
        """The last frame is repeated where a clip is too short."""
        return View(lambda clip: clip[:, : self.n_mfcc], self.frames, fill="last")

    def shape(self, x):
        """Of one window."""
        return self.frames, min(self.n_mfcc, x[0].shape[1])


class OnPictures(Network):
    """Pictures (height, width, 3), resized by area, from 0 to 1."""

    input: Literal["png"]
    height: PositiveInt
    width: PositiveInt

    def view(self):
        """One picture a clip."""
        return View(partial(resized, height=self.height, width=self.width))

    def shape(self, x):
        """Of one picture."""
        return self.height, self.width, 3


class OnTable(Network):
    """The columns of the table, (n_columns,), as they are: `standardise` belongs into the network."""

    input: Literal["table"]
    training: Unmasked

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

    input: Literal["wave"]
    training: Unmasked
    samples: PositiveInt

    def view(self):
        """Silence follows where a clip is too short."""
        return View(lambda clip: clip.astype(np.float32) / 32768, self.samples, fill=0)

    def shape(self, x):
        """Of one window."""
        return (self.samples,)


class OnEmbedding(Network):
    """What `embed@<input>` made of a clip, float32; `input` is the embedding's name."""

    training: Unmasked

    def view(self):
        """All of it."""
        return View(lambda clip: clip.astype(np.float32))

    def shape(self, x):
        """Of one clip's."""
        return self.view().prepare(x[0]).shape
