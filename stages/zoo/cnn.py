"""Convolutional network on log-mel windows (R4): blocks of 3x3 convolution, batch normalisation, ReLU, pooling and
dropout, then the maximum over what is left of time and frequency, and one dense layer.

Every training window is varied on its way in: stretched in time and shifted in pitch, both as on the mel scale,
and with noise, so that five speakers sound like more.
"""

from typing import Literal

from pydantic import NonNegativeFloat, PositiveInt

from stages.zoo import _keras

load = _keras.load


class Params(_keras.Training):
    """`classifiers.cnn`: widths of the blocks and of the dense layer, dropout, and how far windows are varied.

    zoom, shift: largest change of time and of frequency, as a share of the window. noise: its standard deviation, in
    units of the window's own.
    """

    input: Literal["mel"]
    family: Literal["keras"]
    filters: list[PositiveInt]
    dense: PositiveInt
    dropout: NonNegativeFloat
    zoom: NonNegativeFloat
    shift: NonNegativeFloat
    noise: NonNegativeFloat

    def model_post_init(self, _):
        for key in ("dropout", "zoom", "shift"):
            if getattr(self, key) >= 1:
                raise ValueError(f"{key} is {getattr(self, key)}, must be below 1")


def fit(train, validation, task, p):
    """Trained on train, stopped on validation."""
    n_mels = train.x[0].shape[1]
    return _keras.fit(lambda: build(n_mels, task, p), train, validation, task, p)


def build(n_mels, task, p):
    """The network for windows (p.frames, n_mels), and its loss."""
    import keras
    from keras import layers

    output, loss = _keras.head(task)
    vary = [
        layers.RandomZoom((-p.zoom, p.zoom), (0.0, 0.0), fill_mode="nearest", data_format="channels_last"),
        layers.RandomTranslation(0.0, p.shift, fill_mode="nearest", data_format="channels_last"),
        layers.GaussianNoise(p.noise),
    ]
    network = [keras.Input((p.frames, n_mels)), layers.Reshape((p.frames, n_mels, 1)), *vary]
    for filters in p.filters:
        network += [
            layers.Conv2D(filters, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.MaxPooling2D(2, padding="same"),  # (batch, frames / 2, mels / 2, filters)
            layers.Dropout(p.dropout),
        ]
    network += [layers.GlobalMaxPooling2D(), layers.Dense(p.dense, "relu"), layers.Dropout(p.dropout), output]
    return keras.Sequential(network), loss
