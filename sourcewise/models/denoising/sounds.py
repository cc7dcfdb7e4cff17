"""Clips and noise, mixed at a signal-to-noise ratio: the data of denoisers."""

from typing import NamedTuple

import numpy as np

from sourcewise.audio.effects import mix, passage_of, white_noise
from sourcewise.audio.samples import to_float
from sourcewise.storage.files import Ragged


class Sounds(NamedTuple):
    """The clips of one part of the split, and its noise.

    waves: a sequence of int16 (n_samples,), memory-mapped. ids: their names, which seed the randomness. noises:
    recordings of noise, a Ragged of int16; those of test are in no other part; None if there are none.
    """

    waves: object
    ids: list
    noises: Ragged | None

    @property
    def kinds(self):
        """The kinds of noise that are available."""
        return ("white",) if self.noises is None else ("white", "recorded")

    def noise(self, kind, n_samples, *, rng):
        """Noise of one kind, float32 (n_samples,), of any level; a shorter recording is repeated."""
        if kind == "recorded":
            passage = np.resize(passage_of(self.noises, n_samples, rng=rng), n_samples)
            if passage.any():
                return to_float(passage)
        return white_noise(n_samples, rng=rng)


def noisy(y, noise, *, snr_db, power=None):
    """The wave with noise, float32. snr_db: relative to the wave, or to `power`, the mean power of its clip."""
    if power is None:
        return mix(y, noise, snr_db=snr_db)
    own = np.mean(np.square(noise), dtype=np.float64)
    return y + noise * np.float32(np.sqrt(power / 10 ** (snr_db / 10) / own))
