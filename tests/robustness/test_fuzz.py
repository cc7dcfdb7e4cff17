"""Anything may be read: what comes is a value, or a sentence. `make fuzz` tries 10,000 things, the tests a few."""

import os
import tempfile
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies

from sourcewise.audio.decode import Unreadable, decode
from sourcewise.core import params
from sourcewise.core.errors import Stop
from sourcewise.core.paths import escapes
from sourcewise.datasets import dataset_file, manifest
from sourcewise.storage import archives
from stages import check
from tests.conftest import FSDD, REPOSITORY, tone, write_av
from tests.robustness.limit import limit
from tests.robustness.made import coded, with_picture
from tests.robustness.stops import FOLDER, LIST, LISTED, SOUNDS, tarred, zipped

EACH = int(os.environ.get("FUZZ", 100)) // 5
fuzzed = settings(
    max_examples=EACH,
    deadline=None,
    database=None,
    derandomize="FUZZ" not in os.environ,  # the tests are the same each time, `make fuzz` is not
    suppress_health_check=list(HealthCheck),
)
#: What is done to some bytes: where, from 0 to 1; how many are taken out there; what is put there.
EDITS = strategies.lists(
    strategies.tuples(
        strategies.floats(0, 1),
        strategies.integers(0, 40),
        strategies.binary(max_size=12) | strategies.sampled_from([b"\xff" * 4, bytes(8)]),
    ),
    min_size=1,
    max_size=6,
)


def _edited(data, edits):
    for place, n, piece in edits:
        start = int(place * len(data))
        data = data[:start] + piece + data[start + n :]
    return data


def _leaves(content, path=()):
    for key, value in content.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*path, key))
        yield (*path, key)


PARSED, TEXT = params.parsed, (REPOSITORY / "params.yaml").read_text(encoding="utf-8")
CONTENT = params.read_yaml(REPOSITORY / "params.yaml")
VALUES = strategies.recursive(
    strategies.none()
    | strategies.booleans()
    | strategies.integers()
    | strategies.floats()
    | strategies.text(max_size=8)
    | strategies.just(2**40),
    lambda inner: (
        strategies.lists(inner, max_size=3)
        | strategies.dictionaries(strategies.text(max_size=5) | strategies.integers(), inner, max_size=3)
    ),
    max_leaves=4,
)


@fuzzed
@given(strategies.sampled_from(sorted(_leaves(CONTENT))), VALUES)
def test_parameters(key, value):
    content = deepcopy(CONTENT)
    section = content
    for name in key[:-1]:
        section = section[name]
    section[key[-1]] = value
    with pytest.MonkeyPatch.context() as patch, limit(60):
        patch.chdir(REPOSITORY)
        patch.setattr(params, "parsed", lambda text: content if text == TEXT else PARSED(text))
        patch.setattr(check, "fresh_folder", lambda path: None)
        patch.setattr(check, "write_json", lambda path, content: None)
        patch.setattr(check.dependencies, "write", lambda content: None)
        _value_or_sentence(check.main)


def _value_or_sentence(read, *arguments, **how):
    try:
        return read(*arguments, **how)
    except (Stop, archives.Unusable, Unreadable) as sentence:
        assert str(sentence).strip()
        assert "\n" not in str(sentence).strip()


DATASET_FILES = [path.read_bytes() for path in sorted((REPOSITORY / "data/datasets").glob("*.yaml"))]
SIGNS = strategies.lists(
    strategies.sampled_from(
        ["!!int ", "!!timestamp ", "&a ", "*a", "<<: ", "[", "]", "{", "}", "? ", ": ", "- ", "\n", "1e9", "~"]
    )
    | strategies.sampled_from(
        ["title", "reader: folder\n", "label: ", "source: {pattern: '", "'", "(", ")", "*", "mix: ", "root: "]
    )
    | strategies.text(max_size=3)
)


@fuzzed
@given(strategies.sampled_from(DATASET_FILES), EDITS, SIGNS)
def test_cards(content, edits, signs):
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch, limit(60):
        patch.chdir(folder)
        Path("data/datasets").mkdir(parents=True)
        for text in (_edited(content, edits), FOLDER.encode() + "".join(signs).encode(errors="surrogatepass")):
            Path("data/datasets/own.yaml").write_bytes(text)
            _value_or_sentence(dataset_file.load, "own")


EVENTS = LISTED.replace("reader: manifest", "reader: eventlist").replace(
    "columns: {path: f, label: c, source: s}",
    "source: {pattern: '([0-9])'}\ncolumns: {path: f, label: c, onset: on, offset: off}",
)
PARQUET = (REPOSITORY / "tests/datasets/readers/lists.parquet").read_bytes()
MANIFEST = (
    b"clip_id,path,labels,source,parent,start,n_samples,duration_s,sr,sr_original,hash,origin,given\n"
    b'a-1f,"a\r,b.wav",x|y,1,a-1f,0,8000,0.5,16000,44100,00ff,,\nb-2e,b.wav,y,2,b-2e,8000,80,0.005,16000,8000,11aa,,3\n'
)
LISTS = [
    (LISTED, LIST.encode()),
    (f"{LISTED}separator: ','\nrename: {{x: y}}\n", LIST.replace("x", '"x,y"').encode()),
    (EVENTS, b"f,on,off,c\na/1.wav,0.1,0.2,x\nb/2.wav,0.1,0.3,y\n"),
    (FOLDER.replace("wav$'", "wav$', file: l.csv"), b"part,who\n1,ann\n2,bob\n3,eve\n"),
    (f"{FOLDER}lists: {{test: l.csv}}\n", b"a/1.wav\nb/2.wav\n"),
    (FOLDER, b""),
]


@fuzzed
@given(strategies.sampled_from(LISTS), EDITS)
def test_manifests(case, edits):
    how, content = case
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch, limit(60):
        patch.chdir(folder)
        Path("data/datasets").mkdir(parents=True)
        Path("data/datasets/own.yaml").write_text(how)
        for path, sound in SOUNDS.items():
            (Path("data/raw/own") / path).parent.mkdir(parents=True, exist_ok=True)
            (Path("data/raw/own") / path).write_bytes(sound)
        Path("data/raw/own/l.csv").write_bytes(_edited(content, edits))
        Path("m.csv").write_bytes(_edited(MANIFEST, edits))
        _value_or_sentence(manifest.read, Path("m.csv"))
        for recording in _value_or_sentence(dataset_file.read, "own") or ():
            assert recording.source


NAMES = strategies.text(min_size=1, max_size=8).filter(lambda name: name[0] != "\0") | strategies.sampled_from(
    ["..", "../x", "/x", "a/../../x", "a", "a/b", "C:\\x", "a\0b"]
)
ARCHIVES = strategies.one_of(
    strategies.lists(strategies.tuples(NAMES, strategies.binary(max_size=9)), max_size=4).map(zipped),
    strategies.builds(tarred, NAMES, strategies.binary(max_size=9)),
    strategies.builds(
        tarred,
        NAMES,
        type=strategies.sampled_from([b"1", b"2", b"3", b"5", b"6", b"S", b"x", b"g", b"L"]),
        linkname=NAMES,
    ),
)


@fuzzed
@given(ARCHIVES, EDITS | strategies.just([]))
def test_archives(content, edits):
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch, limit(60):
        patch.chdir(folder)
        Path("a.zip").write_bytes(_edited(content, edits))
        Path("in").mkdir()
        _value_or_sentence(archives.unpack, Path("a.zip"), Path("in/new"))
        assert set(os.listdir()) == {"a.zip", "in"}
        assert set(os.listdir("in")) <= {"new"}
        for path in Path("in").rglob("*"):
            assert not escapes(path, folder)
        if Path("in/new").is_dir():
            assert len(archives.checksum(Path("in/new"))) == 64


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """{Suffix: the bytes of a recording}: real speech where it is there."""
    folder, real = tmp_path_factory.mktemp("sounds"), FSDD / "7_jackson_32.wav"
    y = tone(300)
    if real.is_file():
        y = np.frombuffer(real.read_bytes()[44:], "<i2") / 32768
    write_av(folder / "a.m4a", y, 8000)
    found = {end: coded(folder / f"a{end}", y, 8000) for end in (".wav", ".flac", ".ogg", ".mp3", ".aiff", ".au")}
    found |= {".mp3": with_picture(found[".mp3"]), ".m4a": (folder / "a.m4a").read_bytes()}
    return found | {".w64": coded(folder / "a.w64", y, 8000, subtype="FLOAT")}


@fuzzed
@given(
    strategies.sampled_from([".wav"] * 4 + [".flac", ".ogg", ".mp3", ".aiff", ".au", ".m4a", ".w64"]),
    EDITS,
    strategies.booleans(),
)
def test_recordings(recordings, suffix, edits, header):
    content = recordings[suffix]
    edited = _edited(content[:200], edits) + content[200:] if header else _edited(content, edits)
    with tempfile.NamedTemporaryFile(suffix=suffix) as file, limit(60):
        file.write(edited)
        file.flush()
        found = _value_or_sentence(decode, file.name, sr=8000)
    if found is not None:
        y, sr, remarks = found
        assert y.dtype == np.int16
        assert 0 < len(y) <= 8 * (len(edited) + 10_000)
        assert 1000 <= sr <= 1_000_000
        assert len(remarks) <= 3 and all(isinstance(remark, str) for remark in remarks)
