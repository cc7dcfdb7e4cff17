"""An autoencoder of magnitudes ([R2]): convolutions 64-32, each pooled, and upsampled back; mean squared error.

The report does not say along which axes it pools. Pooling loses detail, and frames are long already: params.yaml
pools bins only.
"""

from functools import partial

from sourcewise.models.denoising import network


class Params(network.Network):
    """The settings of this module."""


def build(p):
    """Noisy to clean magnitudes, (frames, n_fft / 2)."""
    import keras
    from keras import layers

    shape = (p.frames, p.n_fft // 2)
    x = inputs = keras.Input(shape)
    x = layers.Reshape((*shape, 1))(x)
    for n in p.layers.filters:
        x = layers.Conv2D(n, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D(p.layers.pool)(x)
    for n in reversed(p.layers.filters):
        x = layers.Conv2D(n, 3, padding="same", activation="relu")(x)
        x = layers.UpSampling2D(p.layers.pool)(x)
    x = layers.Conv2D(1, 3, padding="same")(x)
    return keras.Model(inputs, layers.Reshape(shape)(x))


fit = partial(network.fit, build)
load = partial(network.load, Params)
