"""How well the audit ranks flipped labels of the Free Spoken Digit Dataset: python -m benchmarks.mislabels

5 % of the 3,000 labels are flipped, three times; the reference classifiers of the stage `audit` are cross-validated on
them, with folds grouped by recording, as in the stage, and by source. `first tenth`: recall of the flipped labels in
the first 10 % of the ranking; `listed`: number suspected by confident learning, `flipped`: how many of these are.
"""

import os
import tempfile
from pathlib import Path

import numpy as np

import stages  # noqa: F401, first: one thread for BLAS has to be set before numpy is imported
from benchmarks.measure import command
from sourcewise.audits import label_errors, leakage
from sourcewise.audits.audit import AuditParams, fitting
from sourcewise.core import params
from sourcewise.datasets import manifest
from sourcewise.datasets.task import Task
from sourcewise.models import entries
from sourcewise.models.examples import Examples, read_features
from stages import augment, duplicates, extract, ingest, split
from tests.conftest import FSDD, REPOSITORY, change_params

DRAWS = 3
SHARE = 0.05


def main():
    """Print one row per draw and grouping of the folds."""
    if not FSDD.is_dir():
        print(f"not run: no folder {FSDD}")
        return
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        _dataset(Path(folder))
        clips, task = manifest.read(), Task.read()
        y_true = task.targets(clips["labels"])
        print("| draw | folds        | first tenth | listed | flipped |")
        print("|-----:|--------------|------------:|-------:|--------:|")
        for draw in range(DRAWS):
            flipped, targets = _flipped(y_true, np.random.default_rng(draw))
            for grouping, column in (("by recording", "parent"), ("by source", "source")):
                p = _probabilities(clips, clips[column], targets, task)
                suspected = label_errors.mislabels(clips, targets, p, task)
                tenth = label_errors.ranking(clips["clip_id"], targets, p, task)[: len(clips) // 10]
                hit = clips["clip_id"][flipped].isin(suspected["clip_id"]).sum()
                share = flipped[tenth].sum() / flipped.sum()
                print(f"| {draw:4} | {grouping:12} | {share:11.3f} | {len(suspected):6} | {hit:7} |", flush=True)


def _dataset(folder):
    (folder / "data/datasets").mkdir(parents=True)
    (folder / "data/raw").mkdir()
    (folder / "data/raw/fsdd").symlink_to(FSDD)
    for name in ("params.yaml", "data/datasets/fsdd.yaml"):
        (folder / name).write_text((REPOSITORY / name).read_text())
    change_params(folder, {"dataset": "fsdd", "augment.recipes.varied.copies": 0})
    for stage in (ingest, duplicates, split, augment):
        stage.main()
    for features in ("mfcc", "table"):
        extract.main(features)


def _flipped(y_true, rng):
    """Which clips are flipped, boolean (n_clips,), and the targets that result."""
    rows = rng.choice(len(y_true), round(SHARE * len(y_true)), replace=False)
    codes = y_true.argmax(axis=1)
    codes[rows] = (codes[rows] + rng.integers(1, y_true.shape[1], len(rows))) % y_true.shape[1]
    return np.isin(np.arange(len(y_true)), rows), np.eye(y_true.shape[1], dtype=bool)[codes]


def _probabilities(clips, groups, targets, task):
    probabilities = []
    for name in params.load(AuditParams, "audit").references:
        module, p = entries.classifier(name, section="audit.references")
        examples = Examples(read_features(p.features), targets, clips["source"].to_numpy())
        fit = fitting(module, p, examples, task)
        probabilities.append(leakage.out_of_fold(fit, groups, targets, folds=5, seed=0))
    return np.mean(probabilities, axis=0)


if __name__ == "__main__":
    command(main)
