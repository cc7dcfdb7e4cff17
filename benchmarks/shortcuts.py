"""The false positive rate of shortcuts, and the time that they take: python -m benchmarks.shortcuts

200 datasets without any shortcut per row: each of 11 cues differs from source to source and a little from clip to
clip; labels are random, one per source (or, where stated, one per clip). `uncorrected`: the share of datasets in which
some cue's interval lies above chance; `reported`: in which the stage `audit` reports a shortcut. Then the time for
10,000 clips of 3 s.
"""

import os
import tempfile
from time import perf_counter

import numpy as np
import pandas as pd

import stages  # noqa: F401, first: one thread for BLAS has to be set before numpy is imported
from benchmarks.measure import command
from sourcewise.audits import cues
from sourcewise.audits.shortcuts import is_shortcut, shortcuts
from sourcewise.core.paths import CLIPS
from sourcewise.datasets.task import Task
from sourcewise.storage.files import writer

DATASETS = 200
#: Sources, clips of each, classes, whether labels are drawn per clip.
SHAPES = [(24, 12, 2, False), (24, 1, 2, False), (100, 5, 2, False), (50, 6, 5, False), (6, 40, 4, True)]
CLIPS_READ, SECONDS, SR = 10_000, 3, 16_000


def main():
    """Print one row per shape of dataset, and the time."""
    print("| sources | clips per source | classes | label per | uncorrected | reported |")
    print("|--------:|-----------------:|--------:|-----------|------------:|---------:|")
    for shape in SHAPES:
        rates = np.mean([_false_positives(*shape, np.random.default_rng([1, k])) for k in range(DATASETS)], axis=0)
        sources, clips, classes, per_clip = shape
        unit = "clip" if per_clip else "source"
        print(f"| {sources:7} | {clips:16} | {classes:7} | {unit:9} | {rates[0]:11.2f} | {rates[1]:8.2f} |", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        _time()


def _false_positives(n_sources, clips, classes, per_clip, rng):
    """Whether the interval of some cue lies above chance, and whether a shortcut is reported."""
    sources = np.repeat(np.arange(n_sources), clips).astype(str)
    of_source = np.repeat(rng.normal(size=(n_sources, len(cues.CUES))), clips, axis=0)
    table = pd.DataFrame(of_source + rng.normal(0, 0.3, of_source.shape), columns=list(cues.CUES))
    codes = (
        rng.permutation(len(sources)) % classes if per_clip else np.repeat(rng.permutation(n_sources) % classes, clips)
    )
    task = Task("binary" if classes == 2 else "multiclass", tuple("abcde"[:classes]))
    results, _ = shortcuts(table, sources, np.eye(classes, dtype=bool)[codes], task, folds=5, margin=0.05, seed=0)
    uncorrected = any(result["balanced_accuracy"]["low"] > result["chance"] for result in results.values())
    return uncorrected, any(map(is_shortcut, results.values()))


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
    tested = perf_counter() - before - read
    print(f"\n{CLIPS_READ:,} clips of {SECONDS} s: {read:.0f} s to read, {tested:.0f} s to test")


if __name__ == "__main__":
    command(main)
