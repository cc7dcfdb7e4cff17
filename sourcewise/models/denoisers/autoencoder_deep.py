"""The deeper autoencoder of magnitudes (R2): convolutions 128-64-32, the rest as in `autoencoder`."""

from functools import partial

from stages.denoisers import _network, autoencoder


class Params(_network.Network):
    """`denoisers.autoencoder_deep`."""


fit = partial(_network.fit, autoencoder.build)
load = partial(_network.load, Params)
