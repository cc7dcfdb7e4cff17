"""Classifiers: fitted on train, stored, read back, and used to predict; one by one or in parallel."""

import hashlib
import json
import os
import shutil
from functools import cache
from importlib import import_module

import numpy as np

from sourcewise.compute import live_curves
from sourcewise.compute.processes import side_by_side
from sourcewise.core import messages, params
from sourcewise.core.errors import NotRun
from sourcewise.core.paths import CACHE, CLASSIFIERS, COPIES, FEATURES, LABELS, PREDICTIONS, SPLIT
from sourcewise.datasets import clips, manifest
from sourcewise.datasets.task import Task
from sourcewise.evaluation.aggregation import by_recording
from sourcewise.evaluation.thresholds import choose
from sourcewise.models import entries
from sourcewise.models.examples import Examples, read_features, with_generated
from sourcewise.storage import fingerprints
from sourcewise.storage.files import digest_of, fresh_folder, sha256, write_json, write_text

READY = CACHE / "ready"
#: Code that every classifier depends on, besides its own module and its family's.
CODE = (
    *("sourcewise/core", "sourcewise/compute", "sourcewise/storage", "sourcewise/audio/samples.py"),
    "sourcewise/datasets/task.py",
    *("sourcewise/models/training.py", "sourcewise/models/entries.py", "sourcewise/models/examples.py"),
    *("sourcewise/evaluation/aggregation.py", "sourcewise/evaluation/thresholds.py"),
)
#: Files beside the features that `predict` needs to compute those of other recordings.
CONFIGS = ("config.json", "range.json", "colours.npy")
#: The file in a model's folder with a digest of all that it depends on.
FINGERPRINT = "fingerprint.txt"


def train(name):
    """Move the model and the predictions of one classifier to their folders: those that are ready, else new ones."""
    ready = READY / fingerprint(name)
    if not all((ready / part).is_dir() for part in ("model", "predictions")):  # new, or a run was killed while moving
        shutil.rmtree(ready, ignore_errors=True)
        _train_in(ready, name)
    if (ready / "model/not_run.json").is_file():
        messages.info(f"{name} is not run: {json.loads((ready / 'model/not_run.json').read_text())['reason']}")
    for part, folder in (("model", CLASSIFIERS), ("predictions", PREDICTIONS)):
        shutil.rmtree(folder / name, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        os.replace(ready / part, folder / name)
    ready.rmdir()


def train_in_parallel(names, workers):
    """Train the classifiers that are new in that many parallel processes, for `train` to take; returns
    {name: fingerprint} of all. It saves time and changes no byte."""
    each = {name: fingerprint(name) for name in names}
    new = [name for name, key in each.items() if not _is_up_to_date(name, key)]
    if len(new) > 1 and workers > 1:  # a single one is trained by `train`, which shows its progress
        shutil.rmtree(READY, ignore_errors=True)
        errors = side_by_side(train_ready, new, n=workers, title="train", unit="classifier")
        for name in (name for name in new if errors[name]):
            messages.info(f"{name} failed: train@{name} will say why")
    return each


def _is_up_to_date(name, key):
    file = CLASSIFIERS / name / FINGERPRINT
    return file.is_file() and file.read_text().strip() == key


def train_ready(name):
    """Train one classifier, for `train` to take."""
    _train_in(READY / fingerprint(name), name)


def _train_in(folder, name):
    """Make the folder complete, or not at all. For a classifier that cannot run, it holds the reason."""
    part = folder.with_name(f"{folder.name}.{os.getpid()}")
    model, predictions = fresh_folder(part / "model"), fresh_folder(part / "predictions")
    try:
        _train(name, model, predictions)
    except NotRun as reason:
        for path in (fresh_folder(model), fresh_folder(predictions)):
            write_json(path / "not_run.json", {"reason": str(reason)})
    write_text(model / FINGERPRINT, f"{fingerprint(name)}\n")
    os.replace(part, folder)


def load(folder):
    """The model in a folder, as its family stored it: `predict(x)` gives probabilities (n_clips, n_classes)."""
    _, p = entries.stored(folder)
    return _family(p).load(folder)


def fit(module, train, validation, task, p):
    """The model of a module, fitted on Examples of train by its family; networks stop early on validation.

    Generated clips among the features are appended to train.
    """
    return _family(p).fit(module, with_generated(train, task), validation, task, p)


def _family(p):
    return import_module(f"sourcewise.models.{p.family}.training")


def _train(name, folder, predictions):
    """Write the model, the probabilities of validation and test, thresholds chosen on validation, and the curve.

    The labels of test clips are never used. The predictions are those of the stored model.
    """
    import pandas as pd

    module, p = entries.classifier(name)
    split, task = clips.table("split"), Task.read()
    if len(task.classes) < 2:
        raise NotRun(f"the dataset has only one class, {task.classes[0]!r}")
    examples = Examples(read_features(p.features), task.targets(split["labels"]), split["source"].to_numpy())
    rows = manifest.parts(split)  # all augmented copies are in train
    with live_curves.named(f"train/{name}"):
        fit(module, examples.take(rows["train"]), examples.take(rows["validation"]), task, p).save(folder)
    scored = np.concatenate([rows["validation"], rows["test"]])
    probabilities = load(folder).predict(examples.x_of(scored)).round(6)
    columns = [f"p({name})" for name in task.classes]
    table = split.iloc[scored][["clip_id", "split"]].reset_index(drop=True)
    manifest.write(table.join(pd.DataFrame(probabilities, columns=columns)), predictions / "probabilities.csv")
    thresholds = _thresholds(task, split.iloc[rows["validation"]], probabilities[: len(rows["validation"])])
    for path in (folder, predictions):
        write_json(path / "thresholds.json", dict(zip(task.classes, thresholds.round(6).tolist(), strict=True)))
    for file in CONFIGS:
        if (FEATURES / p.features / file).is_file():
            shutil.copyfile(FEATURES / p.features / file, folder / file)
    if (folder / "history.csv").is_file():
        shutil.copyfile(folder / "history.csv", predictions / "history.csv")


def _thresholds(task, validation, probabilities):
    """train.threshold, or thresholds chosen on whole recordings, since these are scored."""
    threshold = params.load(float | None, "train.threshold")
    if threshold is not None:
        return task.thresholds(threshold)
    clip_rows = validation["source"], task.targets(validation["labels"]), probabilities
    _, y_true, y_score = by_recording(validation["parent"], *clip_rows)
    return choose(y_true, y_score, task)


@cache
def fingerprint(name):
    """20 hex digits of all that a classifier depends on: entry, code and data. Imports none of its code."""
    entry, train = params.load(dict, f"classifiers.{name}"), params.load(dict, "train")
    model, family, features = (str(entry.get(key)) for key in ("model", "family", "features"))
    code = *CODE, f"sourcewise/models/{family}", f"sourcewise/models/classifiers/{model}.py"
    parts = [entry, train.get("threshold"), train.get(family)]
    parts += [*map(fingerprints.of, code), fingerprints.training_packages()]
    parts += [*map(sha256, (SPLIT, LABELS, COPIES)), digest_of(FEATURES / features)]
    return hashlib.blake2b(json.dumps(parts, sort_keys=True).encode(), digest_size=10).hexdigest()
