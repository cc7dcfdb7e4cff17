"""Time to write and to open the report, by the number of test clips: python -m benchmarks.report

50 classes and 30 classifiers with an accuracy of about 0.5, clips of a second each; headless Chromium opens the page
from the disk. Prints seconds until the page is loaded, and until its first figure is drawn.
"""

import os
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from benchmarks.measure import command
from sourcewise.core import params
from sourcewise.core.paths import MANIFEST
from sourcewise.datasets import manifest
from sourcewise.datasets.folds import Split
from sourcewise.datasets.task import Task
from sourcewise.evaluation.critical_difference import diagram
from sourcewise.evaluation.significance import pairs
from sourcewise.report import build
from sourcewise.storage import files
from stages import evaluate
from tests.browser import chromium, opened
from tests.conftest import REPOSITORY, change_params

CLASSES = tuple(f"class {k:02d}" for k in range(50))
CLASSIFIERS, SIZES, SR = 30, (500, 5000), 8000
NO_FINDINGS = {"folds": 5, "leakage": {}, "shortcuts": {}, "findings": []}
NO_PAIRS = dict.fromkeys(("exact", "near", "of_two_sources", "in_two_parts", "of_two_labels", "left_out"), 0)


def main():
    """Print one row per size."""
    print("| test clips | seconds to write | MB | s to open | s to the first figure |\n|--:|--:|--:|--:|--:|")
    for n in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            before = os.getcwd()
            os.chdir(folder)
            try:
                print(f"| {n:,} | {' | '.join(f'{value:.1f}' for value in _measured(Path(folder), n))} |", flush=True)
            finally:
                os.chdir(before)


def _measured(folder, n):
    _other_stages(folder, n)
    start = perf_counter()
    build.write(params.load(build.ReportParams, "report"))
    written = perf_counter() - start
    with chromium() as browser, opened(browser) as tab:
        start = perf_counter()
        tab.page.goto((folder / "metrics/report/index.html").as_uri())
        loaded = perf_counter() - start
        tab.page.locator("#comparison .figure").scroll_into_view_if_needed()
        tab.page.wait_for_selector("#comparison .figure[data-drawn]")
        drawn = perf_counter() - start
        assert tab.errors == []
    size = sum(f.stat().st_size for f in Path("metrics/report").rglob("*") if f.is_file()) / 1e6
    return written, size, loaded, drawn


def _other_stages(folder, n):
    """Write what the report reads of other stages."""
    rng, task = np.random.default_rng(0), Task("multiclass", CLASSES)
    names = [f"m{k:02d}" for k in range(CLASSIFIERS)]
    (folder / "params.yaml").write_text((REPOSITORY / "params.yaml").read_text())
    change_params(folder, {"classifiers": {name: {"C": 1} for name in names}, "denoisers": {}, "generators": {}})
    for name in ("requirements.in", "requirements.txt", "data/datasets/voices.yaml"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((REPOSITORY / name).read_bytes())
    task.write()
    with files.writer("data/clips", np.int16) as append:
        for _ in range(n):
            append(rng.normal(0, 3000, SR).astype(np.int16))
    _tables(rng, n)
    for name in names:
        _predictions(name, rng, n)
    evaluate.write_scores(names)
    tallies = {name: files.read_json(f"metrics/classifiers/{name}.json")["by_source"] for name in names}
    files.write_text("metrics/critical_difference.svg", diagram(tallies, pairs(tallies)))
    files.write_json("metrics/audit.json", NO_FINDINGS | {"duplicates": NO_PAIRS})
    files.write_json("data/explored/figures.json", [])


def _tables(rng, n):
    ids = [f"clip-{k:05d}" for k in range(n)]
    row = {"n_samples": SR, "duration_s": 1.0, "sr": SR, "sr_original": SR, "hash": "", "origin": "", "given": ""}
    labels, sources = rng.choice(CLASSES, n), [f"s{k % 100}" for k in range(n)]
    own = {"clip_id": ids, "path": ids, "labels": labels, "source": sources, "parent": ids, "start": SR * np.arange(n)}
    table = pd.DataFrame(own | row)[manifest.COLUMNS]
    manifest.write(table, MANIFEST)
    Split(table, np.full((n, 1), "test")).write()
    for path, columns in {
        "data/rejected.csv": ["path", "reason"],
        "data/duplicates/pairs.csv": ["clip_id", "other", "kind", "similarity", "offset_s"],
        "metrics/audit/mislabels.csv": ["rank", "clip_id", "path", "label", "predicted", "score"],
        "metrics/audit/shortcuts.csv": ["cue", "clip_id", "path", "label", "value"],
        "metrics/audit/split.csv": ["fold", "class", "split", "sources", "clips", "seconds"],
    }.items():
        manifest.write(pd.DataFrame(columns=columns), path)


def _predictions(name, rng, n):
    clips = Split.read().clips
    p = rng.random((n, len(CLASSES))) ** 4 + Task.read().targets(clips["labels"])
    p[rng.random(n) < 0.5] = rng.random((1, len(CLASSES)))
    p = pd.DataFrame(np.round(p / p.sum(axis=1, keepdims=True), 6), columns=[f"p({name})" for name in CLASSES])
    tables = [
        pd.concat([pd.DataFrame({"clip_id": clips["clip_id"], "fold": 0, "split": part}), p], axis=1)
        for part in ("validation", "test")
    ]
    manifest.write(pd.concat(tables), f"data/predictions/{name}/probabilities.csv")
    files.write_json(f"data/predictions/{name}/thresholds.json", [dict.fromkeys(CLASSES, 0.0)])


if __name__ == "__main__":
    command(main)
