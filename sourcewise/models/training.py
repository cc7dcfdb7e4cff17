"""Classifiers: fitted on each fold, stored, read back, and used to predict; one by one or in parallel."""

import hashlib
import json
import os
import shutil
from functools import cache
from importlib import import_module
from typing import NamedTuple

import numpy as np

from sourcewise.compute import live_curves
from sourcewise.compute.processes import side_by_side
from sourcewise.core import messages, params
from sourcewise.core.errors import NotRun, count
from sourcewise.core.paths import CACHE, CLASSIFIERS, COPIES, EVENTS, FEATURES, FOLD, LABELS, PREDICTIONS, SPLIT
from sourcewise.datasets import event_times, manifest
from sourcewise.datasets.folds import Split, cost, n_folds
from sourcewise.datasets.task import Task
from sourcewise.evaluation import predictions
from sourcewise.evaluation.aggregation import by_recording
from sourcewise.evaluation.predictions import NOT_RUN
from sourcewise.evaluation.thresholds import choose
from sourcewise.models import entries
from sourcewise.models.examples import Examples, read_features, with_generated
from sourcewise.storage import fingerprints
from sourcewise.storage.files import digest_of, fresh_folder, read_json, sha256, write_json, write_text

READY = CACHE / "ready"
#: Code that every classifier depends on, besides its own module and its family's.
CODE = (
    *("sourcewise/core", "sourcewise/compute", "sourcewise/storage", "sourcewise/audio/samples.py"),
    *("sourcewise/datasets/task.py", "sourcewise/datasets/folds.py", "sourcewise/datasets/event_times.py"),
    *("sourcewise/models/training.py", "sourcewise/models/entries.py", "sourcewise/models/examples.py"),
    *(f"sourcewise/evaluation/{name}.py" for name in ("aggregation", "predictions", "thresholds")),
)
#: Files beside the features that `predict` needs to compute those of other recordings.
CONFIGS = ("config.json", "colours.npy")
#: The file in a model's folder with a digest of all that it depends on.
FINGERPRINT = "fingerprint.txt"


class Job(NamedTuple):
    """One classifier to be fitted on one fold."""

    name: str
    fold: int

    def __str__(self):
        return f"{self.name}, fold {self.fold}"

    @property
    def folder(self):
        """Where it lies when it is ready."""
        return READY / fingerprint(self.name) / FOLD.format(self.fold)

    def is_ready(self):
        """Whether all of it lies there."""
        return (self.folder / NOT_RUN).is_file() or (self.folder / "model").is_dir()


def train(name):
    """Move the models and the predictions of one classifier to their folders: those that are ready, else new ones."""
    ready = READY / fingerprint(name)
    if not _is_joined(ready):  # new, or a run was killed while moving
        for fold in range(n_folds()):
            fit_ready(Job(name, fold))
        _join(name)
    if (ready / "model" / NOT_RUN).is_file():
        messages.info(f"{name} is not run: {read_json(ready / 'model' / NOT_RUN)['reason']}")
    for part, folder in (("model", CLASSIFIERS), ("predictions", PREDICTIONS)):
        shutil.rmtree(folder / name, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        os.replace(ready / part, folder / name)
    shutil.rmtree(ready)


def train_in_parallel(names, workers):
    """Fit the classifiers that are new, on each fold, in that many parallel processes, for `train` to take; what an
    earlier run left ready is not fitted again. Returns {name: fingerprint} of all. It saves time and changes no byte.
    """
    each, folds = {name: fingerprint(name) for name in names}, range(n_folds())
    new = [name for name, key in each.items() if not _is_up_to_date(name, key)]
    for folder in READY.glob("*"):
        if folder.name not in {each[name] for name in new}:
            shutil.rmtree(folder)
    waiting = [name for name in new if not _is_joined(READY / each[name])]
    jobs = [job for name in waiting for fold in folds if not (job := Job(name, fold)).is_ready()]
    if len(jobs) < 2 or workers < 2:  # a single one is fitted by `train`, which shows its progress
        return each
    messages.info(f"{count(len(waiting), 'classifier')}, {cost(Split.with_copies(), len(jobs), workers)}")
    errors = side_by_side(fit_ready, jobs, n=workers, title="train", unit="fit")
    for name in waiting:
        failed = [job for job in jobs if job.name == name and errors[job]]
        if failed:
            messages.info(f"{failed[0]} failed: train@{name} will say why")
        else:
            _join(name)
    return each


def _is_up_to_date(name, key):
    file = CLASSIFIERS / name / FINGERPRINT
    return file.is_file() and file.read_text().strip() == key


def _is_joined(ready):
    return all((ready / part).is_dir() for part in ("model", "predictions"))


def fit_ready(job):
    """Make the folder of a job complete, or not at all. For a classifier that cannot run, it holds the reason."""
    if job.is_ready():
        return
    part = fresh_folder(job.folder.with_name(f"{job.folder.name}.{os.getpid()}"))
    try:
        _fit_fold(job, part)
    except NotRun as reason:
        write_json(fresh_folder(part) / NOT_RUN, {"reason": str(reason)})
    shutil.rmtree(job.folder, ignore_errors=True)  # a run was killed while it was being moved
    os.replace(part, job.folder)


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


def _fit_fold(job, folder):
    """Write the model, and the probabilities of the clips that validate and test in this fold.

    The labels of test clips are never used. The predictions are those of the stored model.
    """
    import pandas as pd

    module, p = entries.classifier(job.name)
    split, task = Split.with_copies(), Task.read()
    if len(task.classes) < 2:
        raise NotRun(f"the dataset has only one class, {task.classes[0]!r}")
    targets, sources = task.targets(split.clips["labels"]), split.clips["source"].to_numpy()
    events = event_times.read(split.clips, task)
    examples = Examples(read_features(p.features, job.fold), targets, sources, events)
    train, validation, test = (split.rows(job.fold, part) for part in manifest.SPLITS)
    model = fresh_folder(folder / "model")
    with live_curves.named(f"train/{job.name}/{FOLD.format(job.fold)}"):
        fit(module, examples.take(train), examples.take(validation), task, p).save(model)
    scored = np.concatenate([validation, test])
    probabilities = load(model).predict(examples.x_of(scored)).round(6)
    table = split.clips.iloc[scored][["clip_id"]].reset_index(drop=True)
    table["fold"], table["split"] = job.fold, np.repeat(["validation", "test"], [len(validation), len(test)])
    table = table.join(pd.DataFrame(probabilities, columns=[f"p({name})" for name in task.classes]))
    manifest.write(table, folder / predictions.PROBABILITIES)
    thresholds = _thresholds(task, split.clips.iloc[validation], probabilities[: len(validation)])
    write_json(model / predictions.THRESHOLDS, thresholds)


def _join(name):
    """Put the folds of a classifier together, for `train` to move: its models, and their predictions."""
    ready = READY / fingerprint(name)
    jobs = [Job(name, fold) for fold in range(n_folds())]
    shutil.rmtree(ready / "predictions", ignore_errors=True)  # they are moved last: where they lie, all is complete
    model, predicted = fresh_folder(ready / "model"), fresh_folder(ready / "predictions.part")
    reasons = [read_json(job.folder / NOT_RUN)["reason"] for job in jobs if (job.folder / NOT_RUN).is_file()]
    if reasons:
        for folder in (model, predicted):
            write_json(folder / NOT_RUN, {"reason": reasons[0]})
    else:
        _write_predictions(jobs, model, predicted)
        for job in jobs:
            os.replace(job.folder / "model", model / FOLD.format(job.fold))
    write_text(model / FINGERPRINT, f"{fingerprint(name)}\n")
    os.replace(predicted, ready / "predictions")


def _write_predictions(jobs, model, folder):
    """Write the predictions, learning curves and thresholds of all folds; and to `model` what `predict` needs: how
    features are made, and thresholds for the mean probability over folds, chosen on all validation clips."""
    import pandas as pd

    tables = [pd.read_csv(job.folder / predictions.PROBABILITIES, **predictions.TEXT) for job in jobs]
    table, task, clips = pd.concat(tables), Task.read(), Split.read().clips.set_index("clip_id")
    manifest.write(table, folder / predictions.PROBABILITIES)
    of_folds = [read_json(job.folder / "model" / predictions.THRESHOLDS) for job in jobs]
    write_json(folder / predictions.THRESHOLDS, of_folds)
    validation = table[table["split"] == "validation"]
    probabilities = validation[[f"p({name})" for name in task.classes]].to_numpy(float)
    thresholds = _thresholds(task, clips.loc[validation["clip_id"]], probabilities)
    write_json(model / predictions.THRESHOLDS, thresholds)
    curves = [job.folder / "model" / predictions.HISTORY for job in jobs]
    if all(path.is_file() for path in curves):
        of_folds = [pd.read_csv(path).assign(fold=job.fold) for job, path in zip(jobs, curves, strict=True)]
        manifest.write(pd.concat(of_folds), folder / predictions.HISTORY)
    features = FEATURES / params.load(str, f"classifiers.{jobs[0].name}.features")
    for file in CONFIGS:
        if (features / file).is_file():
            shutil.copyfile(features / file, model / file)
    task.write(model / "labels.json")


def _thresholds(task, validation, probabilities):
    """{class: train.threshold, or the threshold chosen on whole recordings, since these are scored}."""
    threshold = params.load(float | None, "train.threshold")
    if threshold is not None:
        chosen = task.thresholds(threshold)
    else:
        clip_rows = validation["source"], task.targets(validation["labels"]), probabilities
        _, y_true, y_score = by_recording(validation["parent"], *clip_rows)
        chosen = choose(y_true, y_score, task)
    return dict(zip(task.classes, chosen.round(6).tolist(), strict=True))


@cache
def fingerprint(name):
    """20 hex digits of all that a classifier depends on: entry, code and data. Imports none of its code."""
    entry, train = params.load(dict, f"classifiers.{name}"), params.load(dict, "train")
    model, family, features = (str(entry.get(key)) for key in ("model", "family", "features"))
    code = *CODE, f"sourcewise/models/{family}", f"sourcewise/models/classifiers/{model}.py"
    parts = [entry, train.get("threshold"), train.get(family)]
    parts += [*map(fingerprints.of, code), fingerprints.training_packages()]
    parts += [*map(sha256, (SPLIT, LABELS, COPIES, EVENTS)), digest_of(FEATURES / features)]
    return hashlib.blake2b(json.dumps(parts, sort_keys=True).encode(), digest_size=10).hexdigest()
