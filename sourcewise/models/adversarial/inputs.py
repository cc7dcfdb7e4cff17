"""The examples of generators: sections that say how a clip becomes an array to imitate, how such an array is shown as
an image, and as what frames it is scored."""

from functools import lru_cache, partial
from typing import Annotated, ClassVar, Literal

import cv2
import numpy as np
import soxr
from pydantic import Field, PositiveInt

from sourcewise.audio.mel_image import colours, image, indexed
from sourcewise.audio.samples import to_float
from sourcewise.audio.spectral import limited, log_mel
from sourcewise.core.params import Entry
from sourcewise.core.paths import FEATURES
from sourcewise.models.adversarial.settings import Training
from sourcewise.models.examples import resized
from sourcewise.storage.files import read_json

SIDE = 64  # pixels of an image of DCGAN or of a wave
BELOW_DB = 60  # values further below a clip's loudest count as silence


class Gan(Entry):
    """Settings of all generators.

    latent: noise values that a sample is made from. clips: samples that are written and scored.
    """

    latent: PositiveInt
    clips: Annotated[int, Field(ge=20)]
    training: Training

    lowest: ClassVar = 0  # value of an example; the highest is 1
    labelled: ClassVar = False  # whether samples are conditioned on a class

    def scale(self, examples):
        """The divisor of real examples."""
        return 1.0

    def shaped_noise(self, real, n, rng):
        """n examples of independent values, each with the mean and deviation of real ones: a baseline without any
        structure."""
        drawn = real.mean(axis=0) + real.std(axis=0) * rng.normal(size=(n, *real.shape[1:]))
        return drawn.clip(self.lowest, 1).astype(np.float32)


class Images(Gan):
    """Mel spectrogram images, or those of a dataset of pictures, as float32 (64, 64, 3) from 0 to 1; without labels."""

    def example(self, clip, rng):
        """The image of a clip, uint8 (h, w, 3), as the networks take it."""
        return resized(clip, height=SIDE, width=SIDE)

    def shown(self, example):
        """As pixels, uint8 (64, 64, 3)."""
        return np.clip(np.rint(example * 255), 0, 255).astype(np.uint8)

    def frames(self, example):
        """Its columns of grey, the lowest band first, from 0 to 255: float32 (64, 64)."""
        return np.ascontiguousarray(cv2.cvtColor(self.shown(example), cv2.COLOR_RGB2GRAY)[::-1].T, np.float32)

    def seen(self):
        """The layer that says how far two samples are apart: squares of 4 by 4 pixels."""
        from keras import Sequential, layers

        return Sequential([layers.AveragePooling2D(4), layers.Rescaling(4.0)])

    def noise(self, real, n, rng):
        """n images of uniformly random pixels."""
        return rng.random((n, *real.shape[1:])).astype(np.float32)


class Waves(Gan):
    """Waves, float32 (samples,) in [-1, 1], in training divided by their deviation over train; with labels.

    sr: in Hz; features.wave.sr at most. samples: of a window; shorter clips are padded with zeros. window: the first of
    a clip, or a random one in each epoch. classes: those that are learned; null: all. judged_as: what the discriminator
    sees, the wave or its log_mel frames.
    """

    sr: Annotated[int, Field(ge=1000)]
    samples: PositiveInt
    window: Literal["first", "random"]
    classes: Annotated[list[str], Field(min_length=1)] | None
    judged_as: Literal["log_mel", "wave"]

    lowest: ClassVar = -1
    labelled: ClassVar = True

    def example(self, clip, rng):
        """One window of the clip, int16 (n_samples,) at features.wave.sr."""
        n = int(np.ceil(self.samples * read_rate() / self.sr))
        start = int(rng.integers(max(len(clip) - n, 0) + 1)) if self.window == "random" else 0
        y = at_rate(to_float(clip[start : start + n]), read_rate(), self.sr)[: self.samples]
        return np.pad(y, (0, self.samples - len(y)))

    def scale(self, examples):
        """The deviation of the first windows; 1 for silence."""
        first = partial(self.example, rng=np.random.default_rng(0))
        power = np.mean([np.mean(first(clip) ** 2, dtype=np.float64) for clip in examples])
        return float(np.round(np.sqrt(power), 6)) or 1.0

    def shown(self, example):
        """Its mel spectrogram image, uint8 (64, 64, 3), from 60 dB below its loudest value."""
        mel_db = self._mel(example)
        high = float(mel_db.max())
        pixels = indexed(image(mel_db, width=SIDE), low_db=high - BELOW_DB, high_db=high)
        return colours("magma")[cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST)]

    def frames(self, example):
        """Log-mel in dB, float32 (n_frames, 24)."""
        return self._mel(example)

    def seen(self):
        """The layer that says how far two samples are apart: their log-mel frames."""
        from sourcewise.models.adversarial.layers import LogMel

        return LogMel(self.sr)

    def noise(self, real, n, rng):
        """n waves of white noise, as loud as real ones."""
        return (rng.normal(size=(n, *real.shape[1:])) * np.sqrt(np.mean(real**2, dtype=np.float64))).astype(np.float32)

    def _mel(self, example):
        y = np.clip(example, -1, 1)
        return limited(log_mel(y, sr=self.sr, n_fft=256, hop_length=64, n_mels=24), BELOW_DB)


def at_rate(y, sr, new_sr):
    """A wave at another rate, by soxr HQ."""
    return y if sr == new_sr else soxr.resample(y, sr, new_sr, quality="HQ")


@lru_cache
def read_rate():
    """The sample rate of data/features/wave, in Hz."""
    return read_json(FEATURES / "wave" / "config.json")["params"]["sr"]
