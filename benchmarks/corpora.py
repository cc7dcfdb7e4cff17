"""Repositories to run the stages in: the parameters of this one, and a corpus."""

import shutil

import numpy as np
import soundfile

from benchmarks.measure import quietly
from sourcewise.datasets.synthetic import voices
from tests.conftest import FSDD, REPOSITORY

SR = 16_000
DIGITS = "label: {pattern: '^(.)_'}\nsource: {pattern: '^._([a-z]+)_'}\n"
RULES = {"fsdd": DIGITS, "synthetic": DIGITS, "voices": "label: {pattern: '^([a-z]+)/'}\nsource: parent\n"}


def real(folder):
    """The Free Spoken Digit Dataset (3,000 files) where it lies beside the repository, else `voices`; its folder."""
    if not FSDD.is_dir():
        return repository(folder, "voices", voices.make)
    return repository(folder, "fsdd", lambda raw: shutil.copytree(FSDD, raw, copy_function=shutil.copyfile))


def synthetic(folder, n, *, shortest_s, longest_s):
    """n clips of five classes and 26 sources, pieces of a chirp with noise, evenly from the shortest to the longest. As
    they overlap they are duplicates of each other, and their sources are not made one for it."""

    def make(raw):
        raw.mkdir()
        rng = np.random.default_rng(0)
        t = np.arange(int((longest_s + 10) * SR)) / SR
        y = 8000 * np.sin(2 * np.pi * (200 + 30 * t) * t) + 500 * rng.standard_normal(len(t))
        for i, length in enumerate(np.linspace(shortest_s, longest_s, n)):
            start = rng.integers(10 * SR)
            piece = y[start : start + int(length * SR)] * rng.uniform(0.2, 1)
            name = f"{i % 5}_{'abcdefghijklmnopqrstuvwxyz'[i // 5 % 26]}_{i}.wav"
            soundfile.write(raw / name, piece.astype(np.int16), SR)

    raw = repository(folder, "synthetic", make)
    configure(folder, merge_duplicates="false")
    return raw


def repository(folder, name, make):
    """Make the corpus `name` in a repository of its own; the corpus' folder."""
    raw = folder / "data/raw" / name
    raw.parent.mkdir(parents=True)
    quietly(make, raw)
    (folder / "data/datasets").mkdir()
    dataset_file = f"title: {name}\nlicence: see there\nreader: folder\n{RULES[name]}"
    (folder / f"data/datasets/{name}.yaml").write_text(dataset_file)
    configure(folder, dataset=name)
    return raw


def configure(folder, **changes):
    """Write params.yaml: this repository's, some of whose values are others."""
    path = folder / "params.yaml"
    lines = (path if path.exists() else REPOSITORY / "params.yaml").read_text().splitlines()
    for key, value in changes.items():
        lines = [
            f"{line.split(key)[0]}{key}: {value}" if line.strip().startswith(f"{key}: ") else line for line in lines
        ]
    path.write_text("\n".join(lines) + "\n")
