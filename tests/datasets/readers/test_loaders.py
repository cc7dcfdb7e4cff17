"""With stand-ins for the packages soundata and mirdata, which have their names and shapes (soundata 1.0.1, mirdata
1.0.0) but read no index and come with one dataset."""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from sourcewise.core import params
from sourcewise.core.errors import Stop
from sourcewise.datasets.readers import mirdata, soundata
from stages import fetch

SOUNDS = {
    "1-17-A-0": ("dog", "17", 1, ["dog", "rain"], [(0.5, 1.0, "dog"), (0.0, 2.0, "rain")]),
    "2-18-B-1": ("rooster", "18", 2, ["rooster"], []),
    "2-18-C-1": (None, "18", 2, None, None),
}


class Clip:
    """As a loader's: paths are known at once, all else when it is asked for."""

    def __init__(self, name, data_home):
        self._row = SOUNDS[name]
        self.audio_path = f"{data_home}/audio/{name}.wav"

    category = property(lambda self: self._row[0])
    src_file = property(lambda self: self._row[1])
    fold = property(lambda self: self._row[2])
    tags = property(lambda self: SimpleNamespace(labels=self._row[3] or []))

    @property
    def events(self):
        if self._row[4] is None:
            return None
        intervals = np.array([(on, off) for on, off, _ in self._row[4]]).reshape(-1, 2)
        return SimpleNamespace(
            intervals=intervals, labels=[label for *_, label in self._row[4]], intervals_unit="seconds"
        )

    @property
    def missing(self):
        raise FileNotFoundError("Metadata not found. Did you run .download()?")


@pytest.fixture(autouse=True)
def packages(monkeypatch):
    """Both packages, as `import` finds them."""
    for package, ids, one in (("soundata", "clip_ids", "clip"), ("mirdata", "track_ids", "track")):

        def initialize(name, data_home=None, version="default", ids=ids, one=one):
            if name != "esc50":
                raise ValueError(f"Invalid dataset {name}")

            def download():
                (Path(data_home) / "audio").mkdir(parents=True)
                (Path(data_home) / "audio/1-17-A-0.wav").write_bytes(b"sound")

            more = {ids: list(SOUNDS), one: lambda clip: Clip(clip, data_home)}
            return SimpleNamespace(download=download, readme="https://read.me/", **more)

        stand_in = ModuleType(package)
        stand_in.initialize, stand_in.list_datasets = initialize, lambda: ["esc50", "other"]
        monkeypatch.setitem(sys.modules, package, stand_in)


def _dataset_file(reader=soundata, **keys):
    common = {"title": "t", "licence": "l", "reader": "soundata", "loader": "esc50", "source": "src_file"}
    return params.check(reader.DatasetFile, common | {"label": "category"} | keys, "own.yaml")


@pytest.mark.parametrize("reader", [soundata, mirdata])
def test_clips_become_recordings(reader, tmp_path, capsys):
    keys = _dataset_file(reader, split="fold", rename={"rooster": "cock"})
    assert keys.gives_split and not _dataset_file(reader).gives_split
    assert [tuple(r) for r in reader.read(tmp_path, keys)] == [
        ("audio/1-17-A-0.wav", "dog", "17", "1", ()),
        ("audio/2-18-B-1.wav", "cock", "18", "2", ()),
    ]
    assert "gives no file or no label for 1 of 3: left out" in capsys.readouterr().out


def test_a_clip_may_have_several_labels(tmp_path):
    recordings = soundata.read(tmp_path, _dataset_file(label="tags.labels"))
    assert [r.labels for r in recordings] == ["dog|rain", "rooster"]


def test_events_are_strong_labels(tmp_path):
    recordings = soundata.read(tmp_path, _dataset_file(label=None, events="events"))
    assert [(r.labels, r.events) for r in recordings] == [
        ("dog|rain", ((0.0, 2.0, "rain"), (0.5, 1.0, "dog"))),
        ("", ()),
    ]


def test_the_source_may_be_read_from_the_path(tmp_path):
    recordings = soundata.read(tmp_path, _dataset_file(source={"pattern": "-([0-9]+)-"}, split="parent"))
    assert [(r.source, r.given) for r in recordings] == [("17", "audio"), ("18", "audio")]


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"loader": "esc51"}, "loader 'esc51', version 'default': Invalid dataset esc51; soundata has: esc50, other"),
        (
            {"label": "class"},
            "'class' cannot be read from Clip .*; it has: audio_path, category, events, fold, missing",
        ),
        (
            {"label": "missing"},
            r"soundata cannot read esc50 in .*Did you run .download\(\)\?\): in Python, soundata.in",
        ),
        ({"events": "events"}, "set either label or events"),
        ({"source": "category", "label": "fold"}, "source: 1 clips have no 'category' .first: 'audio/2-18-C-1.wav'"),
        ({"rename": {"dog": "a|b"}}, "label 'dog' of loader esc50 is no usable name"),
    ],
)
def test_an_attribute_that_cannot_be_read_is_named(tmp_path, keys, sentence):
    with pytest.raises(Stop, match=sentence):
        soundata.read(tmp_path, _dataset_file(**keys))


def test_a_package_that_is_not_installed_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "soundata", None)
    with pytest.raises(Stop, match="reader soundata needs the package soundata: pip install soundata"):
        soundata.read(tmp_path, _dataset_file())


def test_fetch_downloads_by_the_loader(in_tmp, monkeypatch):
    (in_tmp / "params.yaml").write_text("dataset: own\naugment: {background: null}\n")
    content = "title: t\nlicence: l\nreader: soundata\nloader: esc50\nlabel: category\nsource: src_file\n"
    (in_tmp / "data/datasets/own.yaml").write_text(content)
    for _ in range(2):
        fetch.main()
        assert [path.name for path in (in_tmp / "data/raw/own/audio").iterdir()] == ["1-17-A-0.wav"]


def test_a_download_that_fails_is_reported(tmp_path, monkeypatch):
    def initialize(*_, **__):
        def download():
            raise OSError("Name or service not known")

        return SimpleNamespace(download=download, readme="https://read.me/")

    monkeypatch.setattr(sys.modules["soundata"], "initialize", initialize)
    with pytest.raises(
        Stop, match="could not download esc50 .Name or .*: download it by hand as https://read.me/ says"
    ):
        soundata.download(tmp_path, _dataset_file())
