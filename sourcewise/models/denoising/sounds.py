"""Clips, and noise that is added to them at a signal-to-noise ratio: what denoisers are trained and scored on."""

from typing import NamedTuple

import numpy as np

from sourcewise.audio.effects import mix, passage_of, white_noise
from sourcewise.audio.samples import to_float
from sourcewise.storage.files import Ragged


class Sounds(NamedTuple):
    """The clips of one part of the split, and the noise that belongs to it.

    waves: a sequence of int16 (n_samples,), memory-mapped. ids: their names, of which randomness is seeded. noises:
    recordings of noise, a Ragged of int16, which no other part hears; None where there are none.
    """

    waves: object
    ids: list
    noises: Ragged | None

    @property
    def kinds(self):
        """The kinds of noise that there are."""
        return ("white",) if self.noises is None else ("white", "recorded")

    def noise(self, kind, n_samples, *, rng):
        """Noise of one kind, float32 (n_samples,), of any level; a recording that is shorter is repeated."""
        if kind == "recorded":
            passage = np.resize(passage_of(self.noises, n_samples, rng=rng), n_samples)
            if passage.any():
                return to_float(passage)
        return white_noise(n_samples, rng=rng)


def noisy(y, noise, *, snr_db, power=None):
    """The wave with noise, float32. snr_db: of the wave, or of a longer one of that mean power that it is a part of."""
    if power is None:
        return mix(y, noise, snr_db=snr_db)
    own = np.mean(np.square(noise), dtype=np.float64)
    return y + noise * np.float32(np.sqrt(power / 10 ** (snr_db / 10) / own))
