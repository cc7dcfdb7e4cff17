"""Classifiers, fitted on train, stored, read back, and asked for probabilities; one by one or side by side."""

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
#: What every classifier depends on, beside its own module and those of its family.
CODE = (
    *("sourcewise/core", "sourcewise/compute", "sourcewise/storage", "sourcewise/audio/samples.py"),
    "sourcewise/datasets/task.py",
    *("sourcewise/models/training.py", "sourcewise/models/entries.py", "sourcewise/models/examples.py"),
    *("sourcewise/evaluation/aggregation.py", "sourcewise/evaluation/thresholds.py"),
)
#: What the features of other recordings are made by, which `predict` needs.
CONFIGS = ("config.json", "range.json", "colours.npy")
#: The file in a model's folder that tells what it depends on.
FINGERPRINT = "fingerprint.txt"


def train(name):
    """Put the model and the predictions of one classifier in their places: those that lie ready, else new ones."""
    ready = READY / fingerprint(name)
    if not all((ready / part).is_dir() for part in ("model", "predictions")):  # new, or a run was killed below
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
    """Train those classifiers that are new, side by side in so many processes, for `train` to take; returns
    {name: fingerprint} of all. It saves time and changes no byte."""
    each = {name: fingerprint(name) for name in names}
    new = [name for name, key in each.items() if not _is_up_to_date(name, key)]
    if len(new) > 1 and workers > 1:  # one alone is trained where its progress is seen
        shutil.rmtree(READY, ignore_errors=True)
        errors = side_by_side(train_ready, new, n=workers, title="train", unit="classifier")
        for name in (name for name in new if errors[name]):
            messages.info(f"{name} ended early, train@{name} will say why")
    return each


def _is_up_to_date(name, key):
    file = CLASSIFIERS / name / FINGERPRINT
    return file.is_file() and file.read_text().strip() == key


def train_ready(name):
    """Train one classifier, for `train` to take."""
    _train_in(READY / fingerprint(name), name)


def _train_in(folder, name):
    """A folder that holds all or does not exist. A classifier that cannot run says why, and the others go on."""
    part = folder.with_name(f"{folder.name}.{os.getpid()}")
    model, predictions = fresh_folder(part / "model"), fresh_folder(part / "predictions")
    try:
        _train(name, model, predictions)
    except NotRun as reason:
        for place in (fresh_folder(model), fresh_folder(predictions)):
            write_json(place / "not_run.json", {"reason": str(reason)})
    write_text(model / FINGERPRINT, f"{fingerprint(name)}\n")
    os.replace(part, folder)


def load(folder):
    """The model in a folder, as its family stored it: `predict(x)` gives probabilities (n_clips, n_classes)."""
    _, p = entries.stored(folder)
    return _family(p).load(folder)


def fit(module, train, validation, task, p):
    """The model of a module, fitted on Examples of train by its family; networks stop early on validation.

    Where features come with generated clips, these stand behind those of train.
    """
    return _family(p).fit(module, with_generated(train, task), validation, task, p)


def _family(p):
    return import_module(f"sourcewise.models.{p.family}.training")


def _train(name, folder, predictions):
    """Write the model, the probabilities of validation and test, thresholds chosen on validation, and the curve.

    The model never sees the labels of test clips. What is scored is what was stored.
    """
    import pandas as pd

    module, p = entries.classifier(name)
    split, task = clips.table("split"), Task.read()
    if len(task.classes) < 2:
        raise NotRun(f"the corpus has one class only, {task.classes[0]!r}")
    examples = Examples(read_features(p.features), task.targets(split["labels"]), split["source"].to_numpy())
    rows = manifest.parts(split)  # of which the copies are all train
    with live_curves.named(f"train/{name}"):
        fit(module, examples.take(rows["train"]), examples.take(rows["validation"]), task, p).save(folder)
    scored = np.concatenate([rows["validation"], rows["test"]])
    probabilities = load(folder).predict(examples.x_of(scored)).round(6)
    columns = [f"p({name})" for name in task.classes]
    table = split.iloc[scored][["clip_id", "split"]].reset_index(drop=True)
    manifest.write(table.join(pd.DataFrame(probabilities, columns=columns)), predictions / "probabilities.csv")
    thresholds = _thresholds(task, split.iloc[rows["validation"]], probabilities[: len(rows["validation"])])
    for place in (folder, predictions):
        write_json(place / "thresholds.json", dict(zip(task.classes, thresholds.round(6).tolist(), strict=True)))
    for file in CONFIGS:
        if (FEATURES / p.features / file).is_file():
            shutil.copyfile(FEATURES / p.features / file, folder / file)
    if (folder / "history.csv").is_file():
        shutil.copyfile(folder / "history.csv", predictions / "history.csv")


def _thresholds(task, validation, probabilities):
    """As train.threshold says, or chosen on whole recordings, as these are what is scored."""
    threshold = params.load(float | None, "train.threshold")
    if threshold is not None:
        return task.thresholds(threshold)
    of_clips = validation["source"], task.targets(validation["labels"]), probabilities
    _, y_true, y_score = by_recording(validation["parent"], *of_clips)
    return choose(y_true, y_score, task)


@cache
def fingerprint(name):
    """20 hex digits of all that a classifier depends on: its entry, its code and its data. Imports none of its code."""
    entry, train = params.load(dict, f"classifiers.{name}"), params.load(dict, "train")
    model, family, features = (str(entry.get(key)) for key in ("model", "family", "features"))
    code = *CODE, f"sourcewise/models/{family}", f"sourcewise/models/classifiers/{model}.py"
    parts = [entry, train.get("threshold"), train.get(family)]
    parts += [*map(fingerprints.of, code), fingerprints.training_packages()]
    parts += [*map(sha256, (SPLIT, LABELS, COPIES)), digest_of(FEATURES / features)]
    return hashlib.blake2b(json.dumps(parts, sort_keys=True).encode(), digest_size=10).hexdigest()
