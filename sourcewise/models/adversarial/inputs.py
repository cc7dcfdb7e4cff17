"""The examples of generators: sections that say how a clip becomes an array to imitate, how such an array is shown as
an image, and as what frames it is scored."""

from functools import lru_cache, partial
from typing import Annotated, ClassVar, Literal

import cv2
import numpy as np
import soxr
from pydantic import Field, PositiveInt, field_validator

from sourcewise.audio.mel_image import colours, image, indexed
from sourcewise.audio.samples import to_float
from sourcewise.audio.spectral import limited, log_mel
from sourcewise.audio.vocoder import vocoded
from sourcewise.core.params import Entry
from sourcewise.core.paths import FEATURES
from sourcewise.models.adversarial.settings import Training
from sourcewise.models.examples import resized
from sourcewise.storage.files import read_json

SIDE = 64  # pixels of an image of DCGAN or of a wave
LOWEST_DB, HIGHEST_DB = -60, 30  # re full scale, of the values of spectrograms
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
        return squares()

    def noise(self, real, n, rng):
        """n images of uniformly random pixels."""
        return rng.random((n, *real.shape[1:])).astype(np.float32)


class Sounds(Gan):
    """Windows of clips, with labels.

    sr: in Hz; features.wave.sr at most. samples: of a window; shorter clips are padded with zeros. window: the first of
    a clip, or a random one in each epoch. classes: those that are learned; null: all.
    """

    sr: Annotated[int, Field(ge=1000)]
    samples: PositiveInt
    window: Literal["first", "random"]
    classes: Annotated[list[str], Field(min_length=1)] | None

    labelled: ClassVar = True

    def shown(self, example):
        """Its mel spectrogram image, uint8 (64, 64, 3), from 60 dB below its loudest value."""
        mel_db = self.frames(example)
        high = float(mel_db.max())
        pixels = indexed(image(mel_db, width=SIDE), low_db=high - BELOW_DB, high_db=high)
        return colours("magma")[cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST)]

    def _window(self, clip, rng):
        """One window of the clip, int16 (n_samples,) at features.wave.sr, as float32 (samples,) in [-1, 1]."""
        n = int(np.ceil(self.samples * read_rate() / self.sr))
        start = int(rng.integers(max(len(clip) - n, 0) + 1)) if self.window == "random" else 0
        y = at_rate(to_float(clip[start : start + n]), read_rate(), self.sr)[: self.samples]
        return np.pad(y, (0, self.samples - len(y)))


class Waves(Sounds):
    """Waves, float32 (samples,) in [-1, 1], in training divided by their deviation over train.

    judged_as: what the discriminator sees, the wave or its log_mel frames.
    """

    judged_as: Literal["log_mel", "wave"]

    lowest: ClassVar = -1

    def example(self, clip, rng):
        """One window of the clip, int16 (n_samples,) at features.wave.sr."""
        return self._window(clip, rng)

    def wave(self, example):
        """Itself."""
        return example

    def frames(self, example):
        """Log-mel in dB, float32 (n_frames, 24)."""
        y = np.clip(example, -1, 1)
        return limited(log_mel(y, sr=self.sr, n_fft=256, hop_length=64, n_mels=24), BELOW_DB)

    def scale(self, examples):
        """The deviation of the first windows; 1 for silence."""
        first = partial(self.example, rng=np.random.default_rng(0))
        power = np.mean([np.mean(first(clip) ** 2, dtype=np.float64) for clip in examples])
        return float(np.round(np.sqrt(power), 6)) or 1.0

    def seen(self):
        """The layer that says how far two samples are apart: their log-mel frames."""
        from sourcewise.models.adversarial.layers import LogMel

        return LogMel(self.sr)

    def noise(self, real, n, rng):
        """n waves of white noise, as loud as real ones."""
        return (rng.normal(size=(n, *real.shape[1:])) * np.sqrt(np.mean(real**2, dtype=np.float64))).astype(np.float32)


class Mels(Sounds):
    """Log-mel spectrograms of windows, float32 (64, 64, 1), frames by bands, 0 at LOWEST_DB re full scale and below, 1
    at HIGHEST_DB. They are scored as they are, and heard through a vocoder."""

    @field_validator("samples")
    @classmethod
    def _divides(cls, samples):
        if samples % SIDE or samples < 16 * SIDE:
            raise ValueError(f"samples is {samples}, must be a multiple of {SIDE}, at least {16 * SIDE}")
        return samples

    @property
    def _framing(self):
        hop_length = self.samples // SIDE
        return {"sr": self.sr, "n_fft": 4 * hop_length, "hop_length": hop_length}

    def example(self, clip, rng):
        """One window of the clip, int16 (n_samples,) at features.wave.sr."""
        mel_db = limited(log_mel(self._window(clip, rng), n_mels=SIDE, **self._framing)[:SIDE], BELOW_DB)
        return ((mel_db - LOWEST_DB) / np.float32(HIGHEST_DB - LOWEST_DB)).clip(0, 1)[..., None]

    def wave(self, example):
        """What it sounds like, float32 (samples,)."""
        mel_db = self._decibels(example)
        mel_db = np.concatenate([mel_db, mel_db[-1:]])
        return vocoded(np.where(mel_db > LOWEST_DB, mel_db, -100), length=self.samples, **self._framing)

    def frames(self, example):
        """Its values in dB, means of two bands, float32 (64, 32)."""
        return limited(self._decibels(example), BELOW_DB).reshape(SIDE, SIDE // 2, 2).mean(axis=2)

    def _decibels(self, example):
        return LOWEST_DB + (HIGHEST_DB - LOWEST_DB) * np.float32(example[..., 0]).clip(0, 1)

    def seen(self):
        """The layer that says how far two samples are apart: squares of 4 by 4 values."""
        return squares()

    def noise(self, real, n, rng):
        """n spectrograms of uniformly random values."""
        return rng.random((n, *real.shape[1:])).astype(np.float32)


def squares():
    """A layer of the means of squares of 4 by 4 pixels."""
    from keras import Sequential, layers

    return Sequential([layers.AveragePooling2D(4), layers.Rescaling(4.0)])


def at_rate(y, sr, new_sr):
    """A wave at another rate, by soxr HQ."""
    return y if sr == new_sr else soxr.resample(y, sr, new_sr, quality="HQ")


@lru_cache
def read_rate():
    """The sample rate of data/features/wave, in Hz."""
    return read_json(FEATURES / "wave" / "config.json")["params"]["sr"]
