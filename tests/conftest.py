"""What tests share: waves whose answer is known, and real recordings where they lie beside the repository."""

import os
from copy import deepcopy
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from ruamel.yaml import YAML

from sourcewise import configuration, dependencies
from sourcewise.core.params import read_yaml
from sourcewise.core.paths import PARAMS, PER_FOLD
from sourcewise.storage.files import write_json
from stages import duplicates, ingest, split
from tests import browser

REPOSITORY = Path(__file__).resolve().parent.parent
# Kernels are compiled once for all folders that tests work in, but by each process of pytest for itself: two that
# compile librosa's at once may load a half of each, and crash (github.com/numba/numba/issues/10128).
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
os.environ["NUMBA_CACHE_DIR"] = str(REPOSITORY / ".cache/kernels" / _WORKER)
FSDD = REPOSITORY.parent / "shared" / "data" / "fsdd"


@pytest.fixture
def fsdd():
    """The folder of the Free Spoken Digit Dataset."""
    if not FSDD.is_dir():
        pytest.skip(f"real recordings are absent: no folder {FSDD}")
    return FSDD


@pytest.fixture(scope="module")
def chromium():
    """Headless Chromium; skips without it."""
    with browser.chromium() as running:
        yield running


@pytest.fixture
def tab(chromium):
    """An empty page of it, as browser.Tab."""
    with browser.opened(chromium) as tab:
        yield tab


@pytest.fixture
def in_tmp(tmp_path, monkeypatch):
    """An empty repository to work in: stages read and write relative to the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data" / "datasets").mkdir(parents=True)
    return tmp_path


#: The files that take longest come first: at the end one core would wait for the other.
LONGEST = ("test_readme.py", "test_pipeline.py", "test_every_classifier.py", "test_trainer.py")


def pytest_collection_modifyitems(items):
    """In that order, then the others."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


def tone(hz, *, seconds=0.5, sr=16_000, peak=0.5):
    """A sine as (n_samples,) float64."""
    return peak * np.sin(2 * np.pi * hz * np.arange(int(seconds * sr)) / sr)


def write_wav(path, y, sr=16_000, subtype="PCM_16"):
    """A file with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, y, sr, subtype=subtype)


def write_av(path, y, sr, codec="aac", **how):
    """y, (n_samples,) or (n_channels, n_samples) in [-1, 1], as FFmpeg writes it."""
    y, layout = np.atleast_2d(y), "stereo" if np.ndim(y) == 2 else "mono"
    with av.open(str(path), "w", **how) as file:
        sound = file.add_stream(codec, rate=sr, layout=layout)
        y = (y * 32768).astype(np.int16) if codec == "alac" else y.astype(np.float32)
        for start in range(0, y.shape[1], 1024):
            part = np.ascontiguousarray(y[:, start : start + 1024])
            frame = av.AudioFrame.from_ndarray(part, format="s16p" if codec == "alac" else "fltp", layout=layout)
            frame.sample_rate, frame.pts = sr, start
            file.mux(sound.encode(frame))
        file.mux(sound.encode(None))


def change_params(folder, values, keep_comments=False):
    """Set values in a folder's params.yaml by their dotted keys. Its comments take ten times as long as all else."""
    file = folder / "params.yaml"
    content = YAML().load(file) if keep_comments else read_yaml(file)
    for key, value in values.items():
        *sections, last = key.split(".")
        section = content
        for name in sections:
            section = section[name]
        section[last] = deepcopy(value)
    if keep_comments:
        YAML().dump(content, file)
    else:
        write_params(content, folder)


def write_params(content, folder):
    """A folder's params.yaml."""
    yaml = YAML(typ="safe")
    yaml.default_flow_style, yaml.sort_base_mapping_type_on_output = False, False
    yaml.dump(content, folder / "params.yaml")


@pytest.fixture
def small(in_tmp):
    """A function that makes a small corpus and goes as far as the split: two classes, six sources, two clips each.

    Its arguments are values in params.yaml by their dotted keys, with "__" for dots.
    """

    def make(**values):
        small_corpus(in_tmp, **values)
        checked()
        ingest.main()
        duplicates.main()
        split.main()
        return in_tmp

    return make


def checked():
    """What `check` writes for other stages, of the params.yaml here."""
    dependencies.write(read_yaml(PARAMS))
    write_json(PER_FOLD, configuration.read_generators())


def small_corpus(folder, labels=("high", "low"), **values):
    """The recordings, the dataset file and params.yaml of `small`."""
    (folder / "params.yaml").write_text((REPOSITORY / "params.yaml").read_text())
    values = {key.replace("__", "."): value for key, value in values.items()}
    change_params(folder, {"dataset": "small", "audio.sr": 8000} | values)
    dataset_file = "title: t\nlicence: l\nreader: folder\nlabel: parent\nsource: {pattern: '/([a-z])'}\n"
    (folder / "data/datasets/small.yaml").write_text(dataset_file)
    for k, (label, hz) in enumerate(zip(labels, (1500, 300), strict=True)):
        for i, source in enumerate("abcdef"):
            for clip in range(2):
                y = tone(hz + 20 * i + 5 * clip, seconds=0.6, sr=8000)
                y += np.random.default_rng([k, i, clip]).normal(0, 0.01, len(y))
                write_wav(folder / "data/raw/small" / label / f"{source}{clip}.wav", y, 8000)


def kill_in_call(monkeypatch, owner, name, number):
    """Let call `number`, from 1, of owner.name raise KeyboardInterrupt; returns a list with an entry for each call."""
    function, calls = getattr(owner, name), []

    def counted(*arguments):
        calls.append(1)
        if len(calls) == number:
            raise KeyboardInterrupt
        return function(*arguments)

    monkeypatch.setattr(owner, name, counted)
    return calls
