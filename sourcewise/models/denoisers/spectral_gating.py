"""Spectral gating, by the package noisereduce: attenuates what lies little above the noise floor of its frequency.

The floor is that of the clip itself (T. Sainburg et al., Finding, visualizing, and quantifying latent structure across
diverse animal vocal repertoires, PLoS Computational Biology 16, 2020).
"""

from functools import partial
from typing import Annotated

import numpy as np
from pydantic import Field, PositiveFloat

from sourcewise.models.denoising import fixed


class Params(fixed.Fixed):
    """stationary: whether the floor is constant over the clip. n_fft: of the spectra, in samples. threshold_sd:
    how many deviations over the mean a stationary floor lies. reduction: share of the noise that is removed.
    """

    stationary: bool
    n_fft: int = Field(ge=64, le=65536)
    threshold_sd: PositiveFloat
    reduction: Annotated[float, Field(gt=0, le=1)]


def clean(y, sr, p):
    """The wave, float32 (n_samples,); a clip shorter than a window is repeated for cleaning."""
    from noisereduce import reduce_noise

    long_enough = np.resize(y, max(len(y), 2 * p.n_fft))
    options = {"stationary": p.stationary, "n_fft": p.n_fft, "prop_decrease": p.reduction}
    with np.errstate(all="ignore"):  # it divides silence by silence
        cleaned = reduce_noise(y=long_enough, sr=sr, n_std_thresh_stationary=p.threshold_sd, **options)
    return np.nan_to_num(cleaned[: len(y)]).astype(np.float32)


def fit(train, validation, p):
    """Nothing is learnt."""
    return fixed.Model(clean, p)


load = partial(fixed.load, Params, clean)
