"""A mask instead of a magnitude: the share of each noisy magnitude that is kept, 0 to 1.

The layers of an autoencoder with skip connections, so that nothing has to pass through the bottleneck (the
U-Net of A. Jansson et al., Singing voice separation with deep U-Net convolutional networks, ISMIR 2017).
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
    inputs = keras.Input(shape)
    x = noisy = layers.Reshape((*shape, 1))(inputs)
    sizes = []
    for n in p.layers.filters:
        x = layers.Conv2D(n, 3, padding="same", activation="relu")(x)
        sizes.append(x)
        x = layers.MaxPooling2D(p.layers.pool)(x)
    for n, same_size in zip(reversed(p.layers.filters), reversed(sizes), strict=True):
        x = layers.Conv2D(n, 3, padding="same", activation="relu")(x)
        x = layers.Concatenate()([layers.UpSampling2D(p.layers.pool)(x), same_size])
    mask = layers.Conv2D(1, 3, padding="same", activation="sigmoid")(x)
    return keras.Model(inputs, layers.Reshape(shape)(layers.Multiply()([noisy, mask])))


fit = partial(network.fit, build)
load = partial(network.load, Params)
