"""The dense and convolutional networks with the numbers of the reports: every shape, and weights counted by hand."""

from itertools import groupby
from typing import NamedTuple

import numpy as np
import pytest

from sourcewise.core.errors import Stop
from sourcewise.datasets.task import Task
from sourcewise.models.keras.devices import import_keras
from tests.models.classifiers.known import TASKS, entry, examples

BLOCK = "Conv2D ReLU MaxPooling2D "
SMALL_IMAGES = {"height": 100, "width": 70}  # [R3]'s


class Known(NamedTuple):
    """A network's section as reported, the classes, its layers, its shapes after the input, its weights."""

    section: dict
    n_classes: int
    layers: str
    shapes: list
    weights: int


REPORTED = {
    # 20000 * 512 + 512; 512 * 256 + 256; 256 * 128 + 128; 128 * 32 + 32; 32 * 10 + 10
    "ann": Known(
        {"frames": 1000, "columns": 20, "layers": {"first_dropout": 0.3, "dense": [512, 256, 128, 32], "dropout": 0.2}},
        10,
        "Normalization Flatten Dropout" + " Dense Dropout" * 4 + " Dense",
        [(1000, 20), (20000,), (512,), (256,), (128,), (32,), (10,)],
        10_240_512 + 131_328 + 32_896 + 4_128 + 330,
    ),
    # 3 * 1 * 32 + 32; 3 * 32 * 32 + 32; 12 * 32 * 10 + 10
    "cnn_1d": Known(
        {"layers": {"filters": [32, 32]}},
        10,
        "Normalization Reshape Conv1D MaxPooling1D Conv1D MaxPooling1D Flatten Dense",
        [(57,), (57, 1), (55, 32), (27, 32), (25, 32), (12, 32), (384,), (10,)],
        128 + 3_104 + 3_850,
    ),
    # 9 * 3 * 32 + 32; 9 * 32 * 64 + 64; 9 * 64 * 128 + 128; 14 * 30 * 128 * 128 + 128; 128 * 2 + 2
    "cnn_mel_png": Known(
        {"height": 128, "width": 256, "layers": {"filters": [32, 64, 128], "dense": [128], "dropout": [0.5]}},
        2,
        BLOCK * 3 + "Flatten Dense Dropout Dense",
        [
            (126, 254, 32),
            (63, 127, 32),
            (61, 125, 64),
            (30, 62, 64),
            (28, 60, 128),
            (14, 30, 128),
            (53760,),
            (128,),
            (2,),
        ],
        896 + 18_496 + 73_856 + 6_881_408 + 258,
    ),
    # 9 * 3 * 32 + 32; 49 * 34 * 32 * 216 + 216; 216 * 10 + 10
    "cnn_png_1": Known(
        SMALL_IMAGES | {"layers": {"filters": [32], "dense": [216], "dropout": [0.2]}},
        10,
        BLOCK + "Flatten Dense Dropout Dense",
        [(98, 68, 32), (49, 34, 32), (53312,), (216,), (10,)],
        896 + 11_515_608 + 2_170,
    ),
    # 9 * 3 * 64 + 64; 49 * 34 * 64 * 216 + 216; 216 * 128 + 128; 128 * 10 + 10
    "cnn_png_2": Known(
        SMALL_IMAGES | {"layers": {"filters": [64], "dense": [216, 128], "dropout": [0.2, 0.1]}},
        10,
        "Conv2D LeakyReLU MaxPooling2D Flatten Dense Dropout Dense Dropout Dense",
        [(98, 68, 64), (49, 34, 64), (106624,), (216,), (128,), (10,)],
        1_792 + 23_031_000 + 27_776 + 1_290,
    ),
    # 121 * 3 * 96 + 96; 4 * 96; 25 * 96 * 256 + 256; 4 * 256; 9 * 256 * 384 + 384; 9 * 384 * 384 + 384;
    # 9 * 384 * 256 + 256; 4 * 256; 2 * 256 * 4096 + 4096; 4096 * 4096 + 4096; 4096 * 10 + 10
    "alexnet": Known(
        SMALL_IMAGES | {"layers": {"filters": [96, 256, 384, 384, 256], "dense": 4096, "dropout": 0.5}},
        10,
        "Conv2D BatchNormalization MaxPooling2D " * 2
        + "Conv2D Conv2D Conv2D BatchNormalization MaxPooling2D Flatten Dense Dropout Dense Dropout Dense",
        [
            (23, 15, 96),
            (11, 7, 96),
            (11, 7, 256),
            (5, 3, 256),
            (5, 3, 384),
            (5, 3, 256),
            (2, 1, 256),
            (512,),
            (4096,),
            (10,),
        ],
        34_944 + 384 + 614_656 + 1_024 + 885_120 + 1_327_488 + 884_992 + 1_024 + 2_101_248 + 16_781_312 + 40_970,
    ),
    # 9 * 3 * 32 + 32; 9 * 32 * 64 + 64; 23 * 16 * 64 * 128 + 128; 128 * 3 + 3
    "cnn_basic": Known(
        SMALL_IMAGES | {"layers": {"filters": [32, 64], "dense": [128], "dropout": [0.5]}},
        3,
        BLOCK * 2 + "Flatten Dense Dropout Dense",
        [(98, 68, 32), (49, 34, 32), (47, 32, 64), (23, 16, 64), (23552,), (128,), (3,)],
        896 + 18_496 + 3_014_784 + 387,
    ),
    # the same, 9 * 64 * 128 + 128; 9 * 128 * 128 + 128; 4 * 2 * 128 * 128 + 128; 128 * 3 + 3
    "cnn_deep": Known(
        SMALL_IMAGES | {"layers": {"filters": [32, 64, 128, 128], "dense": [128], "dropout": [0.5]}},
        3,
        BLOCK * 4 + "Flatten Dense Dropout Dense",
        [
            (98, 68, 32),
            (49, 34, 32),
            (47, 32, 64),
            (23, 16, 64),
            (21, 14, 128),
            (10, 7, 128),
            (8, 5, 128),
            (4, 2, 128),
            (1024,),
            (128,),
            (3,),
        ],
        896 + 18_496 + 73_856 + 147_584 + 131_200 + 387,
    ),
    # four times 9 * before * width + width, and 4 * width of the normalisation; 7 * 5 * 256 * 3 + 3
    "cnn_selu": Known(
        SMALL_IMAGES | {"layers": {"filters": [32, 64, 128, 256]}},
        3,
        "RandomFlip RandomContrast RandomTranslation "
        + "Conv2D BatchNormalization MaxPooling2D " * 4
        + "Flatten Dense",
        [
            (100, 70, 3),
            (100, 70, 32),
            (50, 35, 32),
            (50, 35, 64),
            (25, 18, 64),
            (25, 18, 128),
            (13, 9, 128),
            (13, 9, 256),
            (7, 5, 256),
            (8960,),
            (3,),
        ],
        896 + 128 + 18_496 + 256 + 73_856 + 512 + 295_168 + 1_024 + 26_883,
    ),
}


def build(name, task, **section):
    """The untrained network and its section."""
    import_keras()
    module, p = entry(name, **section)
    return module.build(examples("tones", p.features)["train"].x, task, p), p


@pytest.mark.parametrize("name", REPORTED)
def test_layers_and_weights_are_those_reported(name):
    known = REPORTED[name]
    task = Task("multiclass", tuple("abcdefghijk"[: known.n_classes]))
    network, _ = build(name, task, **known.section)
    assert " ".join(type(layer).__name__ for layer in network.layers) == known.layers
    shapes = [tuple(layer.output.shape[1:]) for layer in network.layers]
    assert [shape for shape, _ in groupby(shapes)] == known.shapes
    assert network.count_params() == known.weights


def test_each_class_has_a_network_of_its_own():
    network, p = build("cnn_per_class", TASKS["events"], layers={"filters": [8, 16, 32]})
    # for each class 9 * 8 + 4 * 8; 9 * 8 * 16 + 4 * 16; 9 * 16 * 32 + 4 * 32; 32 + 1
    assert network.count_params() == 3 * (104 + 1_216 + 4_736 + 33)
    x = np.random.default_rng(0).normal(size=(4, *p.shape(examples("tones", "mel")["train"].x))).astype("float32")
    before = network.predict_on_batch(x)
    last = [layer for layer in network.layers if type(layer).__name__ == "Dense"][1]
    last.set_weights([values + 1 for values in last.get_weights()])
    assert (network.predict_on_batch(x) != before).all(axis=0).tolist() == [False, True, False]


def test_pictures_are_varied_in_training_only():
    network, _ = build("cnn_selu", TASKS["tones"], height=8, width=12, layers={"filters": [4, 4]})
    flip, contrast, translation = network.layers[:3]
    x = np.random.default_rng(0).random((64, 8, 12, 3)).astype("float32")
    assert np.array_equal(network.predict_on_batch(x), network.predict_on_batch(x))
    for layer in (flip, contrast, translation):
        assert np.array_equal(layer(x, training=False), x)
    flipped = np.asarray(flip(x, training=True))
    backwards = (flipped == x[:, :, ::-1]).all(axis=(1, 2, 3))
    assert 16 < backwards.sum() < 48 and np.array_equal(flipped[~backwards], x[~backwards])
    middle = 0.4 + 0.2 * x  # which nothing cuts off
    factor = np.asarray(contrast(middle, training=True)).std(axis=(1, 2)) / middle.std(axis=(1, 2))
    assert factor.min() == pytest.approx(0.8, abs=0.02) and factor.max() == pytest.approx(1.2, abs=0.02)
    assert np.asarray(translation(x, training=True)).shape == x.shape


def test_seeds_of_what_varies_pictures_are_variables_of_the_network():
    network, _ = build("cnn_selu", TASKS["tones"])
    seeds = [variable for variable in network.variables if "seed_generator_state" in variable.path]
    assert len(seeds) == 3
    assert len({tuple(np.asarray(seed)) for seed in seeds}) == 3


def test_a_picture_that_is_too_small_for_the_network_is_refused():
    with pytest.raises(Stop, match="4 blocks leave nothing of images 50x35"):
        entry("cnn_deep", height=50, width=35, layers={"filters": [8, 8, 8, 8]})
    with pytest.raises(Stop, match="dense has 1 layers, dropout 2: give one for each"):
        entry("cnn_basic", layers={"dense": [8], "dropout": [0.1, 0.1]})
    with pytest.raises(Stop, match=r"alexnet.height is 66"):
        entry("alexnet", height=66)
