"""python -m benchmarks.shortcuts: how often a corpus without any shortcut is accused of one, and what a corpus takes.

200 corpora a row: each of 11 numbers differs from source to source and a little from clip to clip; labels are drawn,
one a source (or, where it says so, one a clip). `bare`: some number's interval lies above chance; `named`: the stage
`audit` names it. Then the time that reading 10,000 clips of 3 s and judging them takes.
"""

import os
import tempfile
from time import perf_counter

import numpy as np
import pandas as pd

import stages  # noqa: F401, first: one thread for BLAS has to be set before numpy is imported
from sourcewise.audits import cues
from sourcewise.audits.shortcuts import shortcuts
from sourcewise.core.paths import CLIPS
from sourcewise.datasets.task import Task
from sourcewise.storage.files import writer

CORPORA = 200
#: Sources, clips of each, classes, labels drawn a clip.
SHAPES = [(24, 12, 2, False), (24, 1, 2, False), (100, 5, 2, False), (50, 6, 5, False), (6, 40, 4, True)]
CLIPS_READ, SECONDS, SR = 10_000, 3, 16_000


def main():
    """Print a row a shape of corpus, and the time."""
    print("| sources | clips a source | classes | labels a | bare | named |")
    print("|--------:|---------------:|--------:|----------|-----:|------:|")
    for shape in SHAPES:
        found = np.mean([_accused(*shape, np.random.default_rng([1, k])) for k in range(CORPORA)], axis=0)
        sources, clips, classes, crossed = shape
        drawn = "clip" if crossed else "source"
        print(f"| {sources:7} | {clips:14} | {classes:7} | {drawn:8} | {found[0]:.2f} | {found[1]:5.2f} |", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        _time()


def _accused(n_sources, clips, classes, crossed, rng):
    """Whether some number is above chance by its bare interval, and whether one is named."""
    sources = np.repeat(np.arange(n_sources), clips).astype(str)
    of_source = np.repeat(rng.normal(size=(n_sources, len(cues.CUES))), clips, axis=0)
    table = pd.DataFrame(of_source + rng.normal(0, 0.3, of_source.shape), columns=list(cues.CUES))
    codes = (
        rng.permutation(len(sources)) % classes if crossed else np.repeat(rng.permutation(n_sources) % classes, clips)
    )
    task = Task("binary" if classes == 2 else "multiclass", tuple("abcde"[:classes]))
    how = {"folds": 5, "margin": 0.05, "seed": 0}
    found, _ = shortcuts(table, sources, np.eye(classes, dtype=bool)[codes], task, **how)
    bare = any(f["balanced_accuracy"]["low"] > f["chance"] for f in found.values())
    return bare, any(f["surely"] or f["classes"] for f in found.values())


def _time():
    rng = np.random.default_rng(0)
    with writer(CLIPS, np.int16) as append:
        for _ in range(100):
            append((rng.normal(0, 0.1, SECONDS * SR) * 32767).astype(np.int16))
    rows = pd.DataFrame({"start": np.arange(CLIPS_READ) % 100 * SECONDS * SR, "n_samples": SECONDS * SR, "sr": SR})
    rows = rows.assign(duration_s=float(SECONDS), sr_original=SR, path="a.wav", origin="")
    before = perf_counter()
    table = cues.table(rows)
    read = perf_counter() - before
    sources, codes = (np.arange(CLIPS_READ) % 500).astype(str), rng.integers(0, 10, CLIPS_READ)
    task = Task("multiclass", tuple("abcdefghij"))
    shortcuts(table, sources, np.eye(10, dtype=bool)[codes], task, folds=5, margin=0.05, seed=0)
    print(
        f"\n{CLIPS_READ:,} clips of {SECONDS} s: {read:.0f} s to read, {perf_counter() - before - read:.0f} s to judge"
    )


if __name__ == "__main__":
    main()
