"""The model onnx: how clips become a network's input; and, where onnx and onnxruntime are installed, a network that the
test makes."""

import sys

import numpy as np
import pytest

from sourcewise.core.errors import NotRun, Stop
from sourcewise.models.embeddings import onnx as module
from sourcewise.models.pretrained import Weights

WEIGHTS = Weights(sha256="0" * 64, path="a.onnx")
ON_WAVE = module.OnWave(model="onnx", features="wave", weights=WEIGHTS, output=None, sr=16_000)
SIXTEEN = {"sr": 16_000}


def _inputs(clip, shape):
    return list(module.inputs(np.array(clip, np.float32), shape, "a.onnx"))


def test_a_wave_fills_the_axis_that_is_not_one():
    for shape in (["samples"], [1, "samples"], ["batch", "samples"], ["batch", 1, "samples"]):
        (x,) = _inputs([1, 2, 3], shape)
        assert x.shape == (1,) * (len(shape) - 1) + (3,) and x.ravel().tolist() == [1, 2, 3]


def test_a_fixed_length_cuts_a_clip_into_windows_and_zeros_fill_the_last():
    assert [x.tolist() for x in _inputs([1, 2, 3], [1, 2])] == [[[1, 2]], [[3, 0]]]
    assert [x.tolist() for x in _inputs([1, 2, 3], [1, 5])] == [[[1, 2, 3, 0, 0]]]
    assert [x.tolist() for x in _inputs([[1, 2], [3, 4], [5, 6]], [1, 2, 2])] == [
        [[[1, 2], [3, 4]]],
        [[[5, 6], [0, 0]]],
    ]


def test_frames_are_turned_where_the_columns_come_first():
    clip = np.arange(6).reshape(2, 3)
    assert _inputs(clip, ["batch", "frames", 3])[0].tolist() == [[[0, 1, 2], [3, 4, 5]]]
    assert _inputs(clip, [1, 3, "frames"])[0].tolist() == [[[0, 3], [1, 4], [2, 5]]]
    assert _inputs(clip, [1, 1, 3, 4])[0].tolist() == [[[[0, 3, 0, 0], [1, 4, 0, 0], [2, 5, 0, 0]]]]


@pytest.mark.parametrize("shape", [[1], [2, "samples"], [1, 80, 3000]])
def test_a_network_of_another_kind_is_named(shape):
    with pytest.raises(Stop, match=r"a.onnx takes an array of the shape \[.*\], which a clip of the shape \(2,\) does"):
        _inputs([1, 2], shape)


def test_columns_that_differ_are_named():
    with pytest.raises(Stop, match=r"\[1, 'frames', 80\], which a clip of the shape \(2, 3\) does not fit"):
        _inputs(np.zeros((2, 3)), [1, "frames", 80])


def test_an_output_is_frames_or_one():
    assert module.frames_of(np.zeros(5), "a").shape == (1, 5)
    assert module.frames_of(np.zeros((1, 5)), "a").shape == (1, 5)
    assert module.frames_of(np.zeros((1, 7, 5)), "a").shape == (7, 5)
    with pytest.raises(Stop, match=r"a.onnx gives an array of the shape \(2, 7, 5\): must be"):
        module.frames_of(np.zeros((2, 7, 5)), "a.onnx")


def test_without_the_package_a_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(NotRun, match="the model onnx needs the package onnxruntime: pip install onnxruntime=="):
        module.load("a.onnx", ON_WAVE, SIXTEEN)


@pytest.fixture
def network(tmp_path):
    """The path of a network from a wave to the absolute values and the squares of frames of four samples, (1, n, 4)."""
    onnx = pytest.importorskip("onnx", reason="the package onnx is not installed")
    pytest.importorskip("onnxruntime", reason="the package onnxruntime is not installed")
    make, floats = onnx.helper, onnx.TensorProto.FLOAT
    nodes = [
        make.make_node("Reshape", ["wave", "shape"], ["frames"]),
        make.make_node("Abs", ["frames"], ["absolute"]),
        make.make_node("Mul", ["frames", "frames"], ["squares"]),
    ]
    graph = make.make_graph(
        nodes,
        "tiny",
        [make.make_tensor_value_info("wave", floats, ["batch", "samples"])],
        [make.make_tensor_value_info(name, floats, [1, "n", 4]) for name in ("absolute", "squares")],
        [make.make_tensor("shape", onnx.TensorProto.INT64, [3], [1, -1, 4])],
    )
    model = make.make_model(graph, opset_imports=[make.make_opsetid("", 17)], ir_version=8)
    path = tmp_path / "tiny.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def test_a_tiny_network_runs_on_waves(network):
    wave = np.array([8192, -8192, 0, 16384, -16384, 0, 0, 0], np.int16)
    result = module.load(network, ON_WAVE, SIXTEEN)(wave)
    assert result.dtype == np.float16 and result.tolist() == [[0.25, 0.25, 0, 0.5], [0.5, 0, 0, 0]]
    squares = module.load(network, ON_WAVE.model_copy(update={"output": "squares"}), SIXTEEN)(wave)
    assert squares.tolist() == [[0.0625, 0.0625, 0, 0.25], [0.25, 0, 0, 0]]
    assert module.load(network, ON_WAVE, {"sr": 8000})(wave).shape == (4, 4)
    with pytest.raises(Stop, match="has no output 'logits', there are: absolute, squares"):
        module.load(network, ON_WAVE.model_copy(update={"output": "logits"}), SIXTEEN)


def test_a_file_that_is_no_network_is_named(network):
    network.write_bytes(b"nothing")
    with pytest.raises(Stop, match="tiny.onnx is no network that onnxruntime reads"):
        module.load(network, ON_WAVE, SIXTEEN)
