"""The networks on sequences and waves: their layers as reported, their input, and their receptive field."""

import numpy as np
import pytest

from sourcewise.core import registry
from sourcewise.core.errors import Stop
from sourcewise.datasets.task import Task
from sourcewise.storage.files import Ragged
from tests.models.classifiers.known import entry, full_size

TEN = Task("multilabel", tuple("abcdefghij"))
FRAMES = {"mel": (1000, 64), "mfcc": (1000, 39), "stft": (300, 513), "wave": (16000,)}


def _network(name, **changed):
    """(network, p) as in params.yaml but for `changed`."""
    module, p = full_size(name, changed)
    rng = np.random.default_rng(0)
    of_wave = p.features == "wave"
    x = Ragged.of([rng.uniform(0, 100, FRAMES[p.features]).astype("int16" if of_wave else "float32")] * 2)
    return module.build(x, TEN, p), p


def _shapes(network):
    return [layer.output.shape[1:] for layer in network.layers]


def test_rnn_is_as_reported():
    network, _ = _network("rnn", frames=1000, layers={"pool": 1, "units": [128, 64]})
    assert _shapes(network) == [(1000, 64), (1000, 128), (64,), (32,), (10,)]
    lstms = 4 * 128 * (64 + 128 + 1) + 4 * 64 * (128 + 64 + 1)
    assert network.count_params() == lstms + 65 * 32 + 33 * 10 == 150_634
    assert [layer.recurrent_dropout for layer in network.layers[1:3]] == [0.2, 0.2]


def test_crnn_is_as_reported_and_pools_time_not_mels_by_five():
    network, p = _network("crnn", frames=1000, layers={"filters": [16, 32, 64, 128], "units": 256})
    pooled = [layer.output.shape[1:] for layer in network.layers if type(layer).__name__ == "MaxPooling2D"]
    assert pooled == [(500, 32, 16), (250, 16, 32), (125, 8, 64), (25, 8, 128)]
    assert _shapes(network)[-5:] == [(25, 1024), (256,), (64,), (64,), (10,)]
    assert p.steps == 25
    convolutions = 9 * (1 * 16 + 16 * 32 + 32 * 64 + 64 * 128) + 4 * (16 + 32 + 64 + 128)
    assert network.count_params() == convolutions + 3 * 256 * (1024 + 256 + 2) + 257 * 64 + 65 * 10 == 1_099_546


@pytest.mark.parametrize("frames", [41, 99, 120])
def test_crnn_takes_windows_that_its_pools_do_not_divide(frames):
    network, p = _network("crnn", frames=frames)
    assert network.predict_on_batch(np.zeros((2, frames, 64), np.float32)).shape == (2, 10)
    assert p.steps == -(-frames // 40)


def test_crnn_refuses_windows_that_leave_one_step():
    with pytest.raises(Stop, match="the pools leave 1 step of 40 frames: raise frames, or lower the pools"):
        _network("crnn", frames=40)
    with pytest.raises(Stop, match=r"filters has 4 blocks, pools.frames 1, pools.mels 4: give one for each"):
        _network("crnn", pools={"frames": [2]})


def test_conv_gru_lstm_is_as_reported():
    network, _ = _network("conv_gru_lstm", frames=128, layers={"filters": [64, 128], "units": [128, 128, 128]})
    layer_names = [type(layer).__name__ for layer in network.layers]
    assert "-".join(layer_names[1:]) == "Conv1D-MaxPooling1D-Conv1D-MaxPooling1D-GRU-LSTM-GRU-Dense-Dropout-Dense"
    assert _shapes(network)[4:8] == [(32, 128), (32, 128), (32, 128), (128,)]
    convolutions = (3 * 39 + 1) * 64 + (3 * 64 + 1) * 128
    recurrent = 2 * 3 * 128 * (128 + 128 + 2) + 4 * 128 * (128 + 128 + 1)
    weights = convolutions + recurrent + 129 * 64 + 65 * 10
    assert network.count_params() == weights == 370_890


@pytest.mark.parametrize(
    ("preparation", "features", "shape"),
    [("decibels", "stft", (96, 513)), ("clip", "mfcc", (96, 13)), ("segments", "mfcc", (96, 13))],
)
def test_lstm_takes_three_preparations(preparation, features, shape):
    columns = None if features == "stft" else 13
    network, p = _network("lstm", features=features, preparation=preparation, columns=columns, layers={"pool": 1})
    assert _shapes(network) == [shape, shape, (96, 64), (64,), (10,)]
    clip = np.random.default_rng(0).uniform(0, 1, (200, 513)).astype(np.float32)
    windows = p.view().windows(clip[:, :39] if features == "mfcc" else clip)
    assert len(windows) == (1 if preparation == "clip" else 3)
    assert {window.shape for window in windows} == {shape}


def test_lstm_wants_the_features_of_its_preparation():
    with pytest.raises(Stop, match="preparation is 'decibels', features 'mfcc': decibels and stft go together"):
        _network("lstm", preparation="decibels")


def test_decibels_have_a_floor_and_are_followed_by_zeros():
    lstm, p = entry("lstm", features="stft", preparation="decibels", columns=None, frames=4)
    amplitudes = np.float32([[10, 1, 0.1], [1e-6, 0, 5]])
    expected = [[80, 60, 40], [0, 0, 73.979], [0, 0, 0], [0, 0, 0]]
    assert p.view().windows(amplitudes)[0] == pytest.approx(np.array(expected), abs=1e-3)
    assert lstm.decibels(np.zeros((2, 3)), floor_db=80).tolist() == [[0, 0, 0]] * 2


def test_a_whole_clip_is_resampled_to_its_steps_by_means():
    lstm, _ = entry("lstm")
    clip = np.float32([[1, 0], [3, 0], [5, 8], [7, 8]])
    assert lstm.resampled_to(clip, 2).tolist() == [[2, 0], [6, 8]]
    assert lstm.resampled_to(clip[:2], 2).tolist() == [[1, 0], [3, 0]]
    assert lstm.resampled_to(clip, 9).shape == (9, 2)


def test_mu_law():
    wavenet, _ = entry("wavenet")
    expected = [-1, 0, 0.228472, 0.875703, 1]  # ln(1 + 255 y) / ln 256
    assert wavenet.mu_law(np.array([-1, 0, 0.01, 0.5, 1])) == pytest.approx(expected, abs=1e-5)


def test_wavenet_is_as_reported():
    network, _ = _network("wavenet", layers={"stride": 1, "blocks": 10})
    gated = [layer.input[0] for layer in network.layers if type(layer).__name__ == "Multiply"]
    dilations = [tensor._keras_history.operation.dilation_rate[0] for tensor in gated]
    assert dilations == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
    pooled = [layer.output.shape[1:] for layer in network.layers if type(layer).__name__ == "AveragePooling1D"]
    assert pooled == [(200, 20), (2, 20)]  # of one second
    block, first = 2 * (2 * 20 + 1) * 20 + 21 * 20, 3 * 20
    pools = (80 * 20 + 1) * 20 + (100 * 20 + 1) * 20
    assert network.count_params() == first + 10 * block + 9 * 21 * 20 + pools + 21 * 10 == 96_690


@pytest.mark.parametrize(("stride", "kernel", "blocks"), [(1, 2, 4), (4, 2, 3), (3, 3, 2), (5, 2, 1)])
def test_wavenet_sees_as_far_as_it_says(stride, kernel, blocks):
    import tensorflow as tf
    from keras import Model

    wavenet, _ = entry("wavenet")
    layers = {"stride": stride, "kernel": kernel, "blocks": blocks}
    network, p = _network("wavenet", samples=300, layers=layers)
    wave = tf.constant(np.random.default_rng(0).uniform(-1, 1, (1, 300)), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(wave)
        last = tf.reduce_sum(Model(network.input, network.get_layer("skips").output)(wave)[0, -1])
    reached = np.flatnonzero(tape.gradient(last, wave)[0])
    end = 1 + stride * (-(-300 // stride) - 1)  # after the last sample that a step begins at
    assert reached.max() == end - 1  # and nothing later: it is causal
    assert end - reached.min() == wavenet.receptive_field(p)


def test_wavenet_states_how_far_it_sees():
    wavenet = registry.module("models.classifiers", "wavenet")
    _, as_reported = _network("wavenet", layers={"stride": 1, "blocks": 10})
    assert wavenet.receptive_field(as_reported) == 1025
    _, p = _network("wavenet")
    assert wavenet.receptive_field(p) == 16_416
    assert wavenet.reach(p) == "wavenet: each step sees 16,416 samples, 1.026 s, in windows of 1.000 s"
    assert "each step sees 16,416 samples, 1.026 s" in wavenet.__doc__


def test_wavenet_refuses_rates_that_rise():
    with pytest.raises(Stop, match="pooled_hz must fall from sr / stride on, but 200 follows 160"):
        _network("wavenet", layers={"stride": 100})
