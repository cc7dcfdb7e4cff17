"""The deeper autoencoder of magnitudes (R2): convolutions 128-64-32, the rest as in `autoencoder`."""

from functools import partial

from sourcewise.models.denoisers import autoencoder
from sourcewise.models.denoising import network


class Params(network.Network):
    """`denoisers.autoencoder_deep`."""


fit = partial(network.fit, autoencoder.build)
load = partial(network.load, Params)
