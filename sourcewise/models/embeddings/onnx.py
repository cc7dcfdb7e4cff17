"""Any network in the ONNX format that takes a wave or frames, such as the encoders of wav2vec 2.0, HuBERT, Whisper,
PANNs, BEATs, CLAP or BirdNET; docs/pretrained.md says how to export one.

It needs one input of float32: of waves one axis, of frames two, beside axes of one. Where the axis of time is fixed, a
clip is cut into windows of that length, and zeros fill the last. Its output is (n_frames, width) or (width,), behind
axes of one. ONNX holds numbers and the names of known operators: loading it runs no code. Data in further files is
not read, so that the checksum is of all of it.
"""

from pathlib import Path

import numpy as np
import soxr
from pydantic import Field

from sourcewise.audio.samples import to_float
from sourcewise.core.errors import NotRun, Stop
from sourcewise.core.params import Entry
from sourcewise.models.pretrained import Weights

GIVES = "frames"
PACKAGES = ("onnxruntime", "soxr")
LARGEST = np.finfo(np.float16).max


class OnFrames(Entry):
    """weights: the network. output: the name of the output that is the embedding; null: the first."""

    weights: Weights
    output: str | None


class OnWave(OnFrames):
    """sr: the rate in Hz that the network was trained on; waves of another one are converted."""

    sr: int = Field(ge=1000, le=192_000)


TAKES = {"wave": OnWave, "frames": OnFrames}


def load(path, p, features):
    """The function from a wave, int16 (n_samples,), or frames (n, n_columns), to its embedding, float16 (n_frames,
    width)."""
    session = _session(path)
    given, output = _only_input(session, path), _output(session, p.output, path)

    def run(x):
        return session.run([output], {given.name: np.ascontiguousarray(x, np.float32)})[0]

    def embed(clip):
        if clip.ndim == 1:
            clip = to_float(clip)
            clip = clip if features["sr"] == p.sr else soxr.resample(clip, features["sr"], p.sr, quality="HQ")
        parts = [frames_of(run(x), path) for x in inputs(clip, given.shape, path)]
        return np.clip(np.concatenate(parts), -LARGEST, LARGEST).astype(np.float16)

    return embed


def inputs(clip, shape, path):
    """The arrays that a network takes of a clip, (n_samples,) or (n, n_columns), one a window. shape: of its input, a
    number or a name for each axis. Raises Stop where it fits no clip of this kind."""
    axes = [axis for axis, size in enumerate(shape) if size != 1][-clip.ndim :]
    sizes = [shape[axis] for axis in axes]
    if clip.ndim == 2 and len(axes) == 2 and sizes[0] == clip.shape[1] != sizes[1]:
        axes, sizes = axes[::-1], sizes[::-1]  # the columns come first
    others = [size for axis, size in enumerate(shape) if axis not in axes]
    unfit = any(isinstance(size, int) and size > 1 for size in others)
    if len(axes) < clip.ndim or unfit or (isinstance(sizes[-1], int) and sizes[1:] not in ([], [clip.shape[-1]])):
        raise Stop(f"{path} takes an array of the shape {shape}, which a clip of the shape {clip.shape} does not fit")
    length = sizes[0] if isinstance(sizes[0], int) else max(len(clip), 1)
    whole = -(-max(len(clip), 1) // length) * length
    clip = np.pad(clip, [(0, whole - len(clip)), *[(0, 0)] * (clip.ndim - 1)])
    transposed = axes != sorted(axes)
    for start in range(0, whole, length):
        window = clip[start : start + length]
        window = window.T if transposed else window
        yield window.reshape([window.shape[sorted(axes).index(k)] if k in axes else 1 for k in range(len(shape))])


def frames_of(output, path):
    """An output as frames, (n_frames, width)."""
    while output.ndim > 2 and output.shape[0] == 1:
        output = output[0]
    if output.ndim not in (1, 2):
        raise Stop(f"{path} gives an array of the shape {output.shape}: must be (n_frames, width) or (width,)")
    return np.atleast_2d(output)


def _session(path):
    """The network on one thread of the processor, by the file's bytes alone."""
    try:
        import onnxruntime
    except ModuleNotFoundError:
        raise NotRun("the model onnx needs the package onnxruntime: pip install onnxruntime==1.32.0") from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    options.log_severity_level = 4
    errors = onnxruntime.capi.onnxruntime_pybind11_state
    unreadable = (errors.Fail, errors.InvalidProtobuf, errors.InvalidGraph, errors.InvalidArgument)
    try:
        return onnxruntime.InferenceSession(Path(path).read_bytes(), options, providers=["CPUExecutionProvider"])
    except (*unreadable, errors.NotImplemented, errors.RuntimeException) as error:
        raise Stop(f"{path} is no network that onnxruntime reads: {' '.join(str(error).split())[:200]}") from None


def _only_input(session, path):
    given = session.get_inputs()
    if len(given) != 1 or given[0].type != "tensor(float)":
        names = ", ".join(f"{one.name} ({one.type})" for one in given)
        raise Stop(f"{path} takes {names}: export it with one input of float32")
    return given[0]


def _output(session, name, path):
    names = [output.name for output in session.get_outputs()]
    if name is not None and name not in names:
        raise Stop(f"{path} has no output {name!r}, there are: {', '.join(names)}")
    return name or names[0]
