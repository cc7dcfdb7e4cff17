"""Classifiers: fitted on each fold, stored, read back, and used to predict; a kind of work of `ready`."""

import shutil
from importlib import import_module

import numpy as np

from sourcewise.compute import live_curves
from sourcewise.core import params
from sourcewise.core.errors import NotRun
from sourcewise.core.paths import CLASSIFIERS, COPIES, EVENTS, FEATURES, FOLD, LABELS, NOT_RUN, PREDICTIONS, SPLIT
from sourcewise.datasets import event_times, manifest
from sourcewise.datasets.folds import Split, n_folds
from sourcewise.datasets.task import Task
from sourcewise.evaluation import predictions
from sourcewise.evaluation.aggregation import by_recording
from sourcewise.evaluation.thresholds import choose
from sourcewise.models import entries, ready
from sourcewise.models.examples import Examples, read_features, with_generated
from sourcewise.storage.files import digest_of, fresh_folder, read_json, sha256, write_json

#: Files beside the features that `predict` needs to compute those of other recordings.
CONFIGS = ("config.json", "colours.npy")


def folds(name):
    """All folds of the split."""
    return range(n_folds())


def outs(name):
    """The paths that the stage `train@<name>` writes."""
    return [CLASSIFIERS / name, PREDICTIONS / name]


def marked(name):
    """The one of these that holds the fingerprint."""
    return CLASSIFIERS / name


def generator_of(name):
    """The generator on whose clips a classifier trains, besides real ones; None for most."""
    made, features = f"{entries.GENERATED}_", params.load(str, f"classifiers.{name}.features")
    return features.removeprefix(made) if features.startswith(made) else None


def fingerprint(name):
    """20 hex digits of all that a classifier depends on: entry, code and data. Imports none of its code."""
    entry, train = params.load(dict, f"classifiers.{name}"), params.load(dict, "train")
    sections = [entry, train.get("threshold"), train.get(str(entry.get("family")))]
    data = [*map(sha256, (SPLIT, LABELS, COPIES, EVENTS)), digest_of(FEATURES / str(entry.get("features")))]
    return ready.fingerprint("train", entry, sections, data)


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


def work(job, folder):
    """Write the model of a job, and the probabilities of the clips that validate and test in this fold.

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


def join(name, parts, root):
    """Put the folds where `outs` says, below root: the models, and their predictions."""
    model, predicted = (fresh_folder(root / path) for path in outs(name))
    reason = ready.reason(parts)
    if reason:
        for folder in (model, predicted):
            write_json(folder / NOT_RUN, {"reason": reason})
    else:
        _write_predictions(name, parts, model, predicted)
        for part in parts:
            shutil.copytree(part / "model", model / part.name)


def _write_predictions(name, parts, model, folder):
    """Write the predictions, learning curves and thresholds of all folds; and to `model` what `predict` needs: how
    features are made, and thresholds for the mean probability over folds, chosen on all validation clips."""
    import pandas as pd

    tables = [pd.read_csv(part / predictions.PROBABILITIES, **predictions.TEXT) for part in parts]
    table, task, clips = pd.concat(tables), Task.read(), Split.read().clips.set_index("clip_id")
    manifest.write(table, folder / predictions.PROBABILITIES)
    of_folds = [read_json(part / "model" / predictions.THRESHOLDS) for part in parts]
    write_json(folder / predictions.THRESHOLDS, of_folds)
    validation = table[table["split"] == "validation"]
    probabilities = validation[[f"p({name})" for name in task.classes]].to_numpy(float)
    thresholds = _thresholds(task, clips.loc[validation["clip_id"]], probabilities)
    write_json(model / predictions.THRESHOLDS, thresholds)
    curves = [part / "model" / predictions.HISTORY for part in parts]
    if all(path.is_file() for path in curves):
        of_folds = [pd.read_csv(path).assign(fold=fold) for fold, path in zip(folds(name), curves, strict=True)]
        manifest.write(pd.concat(of_folds), folder / predictions.HISTORY)
    features = FEATURES / params.load(str, f"classifiers.{name}.features")
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
