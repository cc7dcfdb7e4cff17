"""The heads of frozen networks: their layers, by literal numbers, for the real networks' widths."""

import numpy as np
import pytest

from sourcewise.core import params
from sourcewise.models import entries
from sourcewise.models.examples import Embedded
from sourcewise.storage.files import Ragged
from tests.conftest import REPOSITORY
from tests.models.classifiers.known import TASKS, entry

RNG = np.random.default_rng(0)


@pytest.fixture
def photographs():
    """Embeddings of MobileNetV2 of alpha 1 on 96 pixels, and layers of its shapes that hold numbers of their own."""
    rng = np.random.default_rng(0)
    shapes = {
        "block_16_project": [(1, 1, 960, 320)],
        "block_16_project_BN": [(320,)] * 4,
        "Conv_1": [(1, 1, 320, 1280)],
        "Conv_1_bn": [(1280,)] * 4,
    }
    layers = {name: [rng.random(shape, np.float32) for shape in of] for name, of in shapes.items()}
    clips = Ragged.of([rng.random((3, 3, 960)).astype(np.float16) for _ in range(4)])
    return Embedded(clips._values, clips._starts, clips._stops, layers)


def test_mobilenet_v2_is_its_last_five_layers_and_one_dense_layer(photographs):
    module, p = entry("mobilenet_v2")
    network = module.build(photographs.take([0, 1]), TASKS["rhythms"], p)
    assert [(layer.name, *layer.output.shape[1:], layer.count_params()) for layer in network.layers[:5]] == [
        ("block_16_project", 3, 3, 320, 307_200),
        ("block_16_project_BN", 3, 3, 320, 1280),
        ("Conv_1", 3, 3, 1280, 409_600),
        ("Conv_1_bn", 3, 3, 1280, 5120),
        ("out_relu", 3, 3, 1280, 0),
    ]
    assert [type(layer).__name__ for layer in network.layers[5:]] == [
        *("GlobalAveragePooling2D", "Dense", "Dropout", "Dense"),
    ]
    assert [layer.count_params() for layer in network.layers[5:]] == [0, 327_936, 0, 771]
    assert network.layers[7].rate == 0.5
    assert sum(weight.shape.num_elements() for weight in network.trainable_weights) == 1_048_707
    for name, arrays in photographs.layers.items():
        for weight, array in zip(network.get_layer(name).get_weights(), arrays, strict=True):
            assert np.array_equal(weight, array), name


def test_yamnets_head_sees_what_is_largest_and_has_two_dense_layers():
    module, p = entry("yamnet")
    frames = np.zeros((3, 1024), np.float16)
    frames[0, 5], frames[2, 7], frames[:, 9] = 2, 3, (-1, -2, -3)
    maxima = p.view().prepare(frames)
    assert maxima.dtype == np.float32 and maxima[[5, 7, 9]].tolist() == [2, 3, -1] and maxima.sum() == 4
    network = module.build(Ragged.of([frames]), TASKS["events"], p)
    assert [layer.count_params() for layer in network.layers] == [524_800, 65_664, 387]
    assert [layer.activation.__name__ for layer in network.layers] == ["relu", "relu", "sigmoid"]


def on_yamnet(name):
    """(module, settings) of an entry of another representation, for YAMNet's embeddings."""
    content = params.read_yaml(REPOSITORY / "params.yaml")
    own, module = content["classifiers"][name], entry(name)[0]
    made = {"pool": "mean_max"} | own | {"features": "yamnet"}
    if own["family"] == "sklearn":
        made |= {"columns": None, "C": 1, "pool": "mean_max"}
    made = {key: value for key, value in made.items() if key in module.TAKES["frames"].model_fields}
    return entries.classifier("new", content | {"classifiers": {"new": made}})


@pytest.mark.parametrize("name", ["svm", "logreg", "linear_svc_png", "random_forest", "xgboost", "mlp"])
def test_estimators_take_an_embedding(name):
    module, p = on_yamnet(name)
    x = [RNG.random((n, 1024)).astype(np.float16) for n in (3, 1, 4, 2)]
    rows = p.rows(x)
    assert rows.shape == (4, 2048)
    assert rows[0].tolist() == [*x[0].mean(axis=0, dtype=np.float64), *x[0].max(axis=0)]
    assert module.estimator(p).fit(rows, [0, 1, 0, 1]).predict(rows).shape == (4,)


@pytest.mark.parametrize("name", ["ann", "cnn", "cnn_per_class", "rnn", "crnn", "lstm", "conv_gru_lstm", "cnn_1d"])
def test_networks_take_an_embedding(name):
    module, p = on_yamnet(name)
    x = Ragged.of([RNG.random((n, 1024)).astype(np.float16) for n in (3, 1, 4, 2)])
    network = module.build(x, TASKS["rhythms"], p)
    window = p.view().windows(p.clips(x)[0])[0]
    assert network(window[None].astype(np.float32)).shape == (1, 3)
