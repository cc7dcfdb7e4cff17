"""No proposal depends on Python's hash seed or on the order in which a file system lists: all kinds of
tables and folders of the front door, each seed in a process of its own."""

import subprocess
import sys

import pytest

from tests.conftest import REPOSITORY
from tests.datasets.propose import (
    test_front_door_kinds,
    test_front_door_own_sound,
    test_front_door_tables,
    test_front_door_times,
)
from tests.datasets.propose.conftest import write

ORDERS = """
import os, random, sys
from pathlib import Path
from sourcewise.core import messages
from sourcewise.core.errors import Stop
from sourcewise.datasets import resolver
from sourcewise.datasets.propose import inputs, text

shuffler, walk = random.Random(int(sys.argv[1])), os.scandir

class Shuffled(list):
    __enter__, __exit__ = (lambda self: self), (lambda *_: None)

def scandir(folder):
    with walk(folder) as entries:
        entries = list(entries)
    shuffler.shuffle(entries)
    return Shuffled(entries)

os.scandir = scandir
messages.info = messages.warn = lambda sentence: None
for line in Path("targets.txt").read_text(encoding="utf-8").splitlines():
    path = Path(line)
    try:
        root, made = inputs.of_file(path, None) if path.is_file() else inputs.of_folder(path)
        print(line, root.name, text.lines_of(made.keys), made.others, made.notes)
    except Stop as stop:
        print(line, stop)
"""


def _cases():
    """(files, target) of each kind."""
    for name, content, _ in test_front_door_tables.LISTS.values():
        yield dict.fromkeys(test_front_door_tables.FILES) | {name: content}, name
    for case, *_ in test_front_door_kinds.KINDS.values():
        yield case
    for audio, listed, text, _ in test_front_door_times.OWN.values():
        yield test_front_door_times.own(audio, listed, text), "."
    for name, titles, row in test_front_door_times.CUT.values():
        yield test_front_door_times.LONG | {name: test_front_door_times.segments(titles, row)}, name
    yield test_front_door_own_sound.messy(), "fältlista.csv"
    yield test_front_door_own_sound.kaggle(), "."
    yield test_front_door_own_sound.several(), "meta/labels.csv"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the files of all kinds."""
    root = tmp_path_factory.mktemp("kinds")
    targets = []
    for k, (files, target) in enumerate(_cases()):
        for name, content in files.items():
            is_text = isinstance(content, str)
            write(root / str(k) / name, content.replace("<root>", str(root / str(k))) if is_text else content)
        targets.append(f"{k}/{target}")
    (root / "targets.txt").write_text("\n".join(targets) + "\n", encoding="utf-8")
    return root


def test_no_proposal_depends_on_the_hash_seed_or_the_order_of_files(folder):
    printed = {
        subprocess.run(
            [sys.executable, "-c", ORDERS, seed],
            cwd=folder,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(REPOSITORY), "PATH": "", "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            encoding="utf-8",
            check=True,
        ).stdout
        for seed in ("0", "1", "77")
    }
    assert len(printed) == 1
    lines = printed.pop().splitlines()
    assert not [line for line in lines if "sourcewise: " in line]
    assert len(lines) == len((folder / "targets.txt").read_text(encoding="utf-8").splitlines()) > 110
