"""From raw files to data/manifest.csv: a folder is proposed, linked and ingested; labels and sources are literal."""

import random
import struct
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from sourcewise.core.errors import Stop
from sourcewise.core.paths import REJECTED, REMARKS
from sourcewise.datasets import manifest
from sourcewise.datasets.propose import command, proposal, text
from stages import fetch, ingest
from tests.conftest import REPOSITORY, change_params, tone
from tests.datasets.propose.test_corpora import KNOWN


def _wav(path, k, y=None):
    noise = np.random.default_rng(k).normal(0, 0.1, 4000)
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, noise if y is None else y, 8000, format="WAV")


def _unfinished(path, k):
    _wav(path, k)
    content = bytearray(path.read_bytes())
    content[4:8], content[40:44] = struct.pack("<I", 0), struct.pack("<I", 0)
    path.write_bytes(content)


def _inverted(path, k):
    y = tone(300 + k, seconds=0.5, sr=8000)
    _wav(path, k, np.stack([y, -y], axis=1))


def _one_channel(path, k):
    y = tone(300 + k, seconds=0.5, sr=8000)
    _wav(path, k, np.stack([y, 0 * y], axis=1))


def _apple(path, k):
    _wav(path, k)
    (path.parent / f"._{path.name}").write_bytes(b"\0\x05\x16\x07\0\x02\0\0Mac OS X")


def _names(form, classes, sources, n=2):
    return [form.format(c=c, s=s, k=k) for c in classes.split() for s in sources.split() for k in range(n)]


def _rates(path, k):
    soundfile.write(path, np.random.default_rng(k).normal(0, 0.1, 8000), 16_000 if path.parent.name == "cat" else 8000)


CATS = _names("{c}/{s}_{k}.wav", "cat dog", "ann bob cid")
#: kind: (paths, how each is written, labels, sources, a part of what is printed)
FOLDERS = {
    "plain": (CATS, _wav, "cat dog", "ann bob cid", "3 sources of 4 recordings"),
    "macOS' files beside": (CATS, _apple, "cat dog", "ann bob cid", "12 recordings"),
    "channels that cancel": (CATS, _inverted, "cat dog", "ann bob cid", "12 recordings with channels that cancel"),
    "a silent channel": (CATS, _one_channel, "cat dog", "ann bob cid", "12 recordings with a silent channel"),
    "unfinished headers": (CATS, _unfinished, "cat dog", "ann bob cid", "12 recordings with a header that states no"),
    "classes in train and test": (
        _names("train/{c}/{s}_{k}.wav", "cat dog", "ann bob") + _names("test/{c}/{s}_{k}.wav", "cat dog", "cid"),
        *(_wav, "cat dog", "ann bob cid", "split"),
    ),
    "parts of other names": (
        _names("x-train-1/{c}/{s}_{k}.wav", "cat dog", "ann bob") + _names("x-dev/{c}/{s}_{k}.wav", "cat dog", "cid"),
        *(_wav, "cat dog", "ann bob cid", "table: {x-dev: validation, x-train-1: train}"),
    ),
    "300 classes": (
        [f"species{c:03d}/rec{7919 * (3 * c + k) % 10007}x.wav" for c in range(300) for k in range(2)],
        *(_wav, " ".join(f"species{c:03d}" for c in range(300)), None, "300 classes"),
    ),
    "classes that differ in case": (
        _names("{c}/{s}_{k}.wav", "Dog dog", "ann bob cid"),
        *(
            _wav,
            "Dog dog",
            "ann bob cid",
            "classes that differ only in case, blanks, signs or leading zeros: 'Dog' and",
        ),
    ),
    "sources with and without zeros": (
        _names("{c}/spk{s}_{k}.wav", "cat dog", "1 01 2"),
        *(_wav, "cat dog", "spk1 spk01 spk2", "'spk01' and 'spk1'"),
    ),
    "words that are no parts": (
        _names("{c}/{s}_{k}.wav", "train bus car", "ann bob cid"),
        *(_wav, "train bus car", "ann bob cid", "3 classes"),
    ),
    "a sample rate of its own": (CATS, _rates, "cat dog", "ann bob cid", "class 'cat' alone has files at 16000 Hz: cl"),
    "numbers as classes": (
        _names("{c}/{s}_{k}.wav", "01 02", "ann bob cid"),
        _wav,
        "01 02",
        "ann bob cid",
        "2 classes",
    ),
}


@pytest.fixture
def door(in_tmp, capsys):
    """A function that writes files, proposes, fetches and ingests; returns the manifest and what was printed."""
    (in_tmp / "params.yaml").write_text((REPOSITORY / "params.yaml").read_text())
    change_params(in_tmp, {"dataset": "own", "audio.sr": 8000, "compute.workers": 1})

    def through(paths, write=_wav):
        for k, path in enumerate(paths):
            file = in_tmp / "given" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            write(file, k)
        command.main(in_tmp / "given", name="own")
        fetch.main()
        ingest.main()
        printed = capsys.readouterr()
        return manifest.read(), printed.out + printed.err

    return through


@pytest.mark.parametrize("kind", FOLDERS)
def test_a_folder_becomes_a_manifest(door, kind):
    paths, write, labels, sources, says = FOLDERS[kind]
    table, printed = door(paths, write)
    assert set(table["path"]) == set(paths) and manifest.read(REJECTED).empty
    assert set(table["labels"]) == set(labels.split())
    assert set(table["source"]) == set(paths if sources is None else sources.split())
    assert says in printed


@pytest.mark.parametrize("title", KNOWN)
def test_a_known_corpus_becomes_a_manifest(door, title):
    paths, first, _ = KNOWN[title]
    table, _ = door(paths)
    row = table.set_index("path").loc[paths[0]]
    assert (row["labels"], row["source"], row["given"]) == first


def test_channels_that_cancel_keep_their_level(door):
    table, _ = door(CATS, _inverted)
    assert len(table) == len(manifest.read(REMARKS)) == 12


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        (["a.pdf", "b.pdf", "c.txt"], "holds 2 PDF files and 1 TXT file and no sound"),
        (["README"], "holds 1 other file and no sound"),
    ],
)
def test_a_folder_without_sound_says_what_it_holds(in_tmp, files, sentence):
    for name in files:
        (in_tmp / name).write_text("text")
    with pytest.raises(Stop, match=sentence):
        command.main(in_tmp, name="own")


def test_git_lfs_pointers_are_named(door):
    def pointer(path, k):
        path.write_text(f"version https://git-lfs.github.com/spec/v1\noid sha256:{k}\nsize 72862\n")

    with pytest.raises(Stop, match="is a pointer of Git LFS, not the file itself"):
        door(CATS, pointer)


ORDERS = """
import random, sys
from sourcewise.datasets.propose import proposal, text
from tests.datasets.propose.test_front_door import FOLDERS, KNOWN
for paths in [row[0] for row in FOLDERS.values()] + [row[0] for row in KNOWN.values()]:
    paths = sorted(paths)
    random.Random(int(sys.argv[1])).shuffle(paths)
    made = proposal.of_folder(paths)
    print(text.lines_of(made.keys), made.others, made.notes)
"""


def test_no_proposal_depends_on_the_hash_seed_or_the_order_of_files():
    printed = {
        subprocess.run(
            [sys.executable, "-c", ORDERS, seed],
            cwd=REPOSITORY,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ".", "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "77")
    }
    assert len(printed) == 1 and len(printed.pop().splitlines()) == len(FOLDERS) + len(KNOWN)


def test_what_is_as_likely_is_named_with_the_rule_that_decides():
    rooms, days = ("barn", "hall", "yard"), ("friday", "monday", "sunday")
    paths = [f"{c}/{room}/{day}/{k}.wav" for c in ("cat", "dog") for room in rooms for day in days for k in "pq"]
    made = proposal.of_folder(random.Random(0).sample(paths, len(paths)))
    assert made.keys["label"][0] == {"pattern": "^([^/]+)/"}
    assert made.keys["source"][0] == {"pattern": "^[^/]+/([^/]+)/"}
    assert made.notes == (
        "as likely to be the source as folder '^[^/]+/([^/]+)/' (3 values: barn, hall, yard): folder parent (3 values: "
        "friday, monday, sunday); of such, the folder further up is taken",
    )
    means = "3 sources: friday, monday, sunday; with the chosen source, 3 of them may be in several parts"
    assert ("source", "parent", means) in made.others
    (label, _) = proposal.of_folder([path.replace("barn", "hall").replace("sunday", "monday") for path in paths]).notes
    assert label.startswith("as likely to be the label as folder parent (2 values: friday, monday): folder '^([^/]+)/'")
    assert label.endswith("of such, the folder further down is taken")


def test_sources_of_mostly_one_recording_are_offered_and_not_taken():
    # a fold; the number of a field recording, every third of which gave two clips; the number of the clip
    clips = [(k, clip) for k in range(24) for clip in range(2 if k % 3 == 0 else 1)]
    names = [
        (f"{'cat' if k % 2 else 'dog'}/", f"{1 + k // 4 % 3}-", f"{7000 + 37 * k}-{clip}.wav") for k, clip in clips
    ]
    made = proposal.of_folder(["".join(name) for name in names])
    assert made.source.n == 3  # the folds
    (means,) = (means for _, rule, means in made.others if rule == {"pattern": "/[^/-]+-([^/-]+)-[^/]*$"})
    described = "24 sources: 7000, 7037, 7074, 7111, 7148, ...; "
    within = "with the chosen source, 0 of them may be in several parts; "
    assert means == f"{described}{within}of at most 2 recordings"
    made = proposal.of_folder([folder + name for folder, _, name in names])
    assert made.source is None
    means = [means for key, _, means in made.others if key == "source"]
    assert means == [f"{described}of at most 2 recordings"]


def test_the_kinds_of_files_are_counted():
    assert text.kinds(["a.pdf"] * 12) == "12 PDF files"
    assert text.kinds(["a.pdf", "b.txt", "c.txt", "d"]) == "2 TXT files, 1 PDF file and 1 other file"
