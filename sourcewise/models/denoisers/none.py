"""No processing: the baseline of all denoisers, and the default before extraction."""

from functools import partial

from sourcewise.models.denoising import fixed


class Params(fixed.Fixed):
    """The settings of this module."""


def clean(y, sr, p):
    """The wave as it is."""
    return y


def fit(train, validation, p):
    """Nothing is learnt."""
    return fixed.Model(clean, p)


load = partial(fixed.load, Params, clean)
