"""The ensemble: in each fold the mean of the temperature-scaled probabilities of the n classifiers with the lowest
validation log loss, with the n of the lowest log loss of that mean on the same validation. Nothing is trained."""

import numpy as np
import pandas as pd

from sourcewise.core.paths import CONFIG, ENSEMBLE_PREDICTIONS, FOLD, NOT_RUN
from sourcewise.datasets import manifest
from sourcewise.evaluation import predictions, temperature
from sourcewise.evaluation.aggregation import by_recording
from sourcewise.evaluation.choice import ENSEMBLE
from sourcewise.evaluation.thresholds import choose
from sourcewise.storage.files import write_json

FEWEST = 2  # members: one would be that classifier itself
MEMBERS = "members"  # in the config.json of its model


def write(folder, candidates, folder_of, clips, task, *, most, threshold=None):
    """Write the ensemble's predictions, as `train` writes those of a classifier; returns (members, thresholds): of each
    fold {name: temperature}, and the thresholds {class: probability} of the mean over folds, for `predict`.

    candidates: {name: Candidate}, at least two; folder_of: their stored predictions by name; clips: of the Split; most:
    members; threshold: train.threshold.
    """
    folds = range(len(next(iter(candidates.values())).losses))
    clips = clips.set_index("clip_id")
    members, tables = zip(*(_of_fold(fold, candidates, folder_of, clips, task, most) for fold in folds), strict=True)
    manifest.write(pd.concat(tables), folder / predictions.PROBABILITIES)
    of_folds = [_thresholds(table, clips, task, threshold) for table in tables]
    write_json(folder / predictions.THRESHOLDS, of_folds)
    return list(members), _thresholds(pd.concat(tables), clips, task, threshold)


def write_model(folder, scored, task):
    """Write what `predict` needs beside the models of the members, or the reason why there is none; scored: an
    Evaluated. The thresholds of each fold are read from the predictions."""
    if why_not := predictions.not_run(ENSEMBLE_PREDICTIONS):
        write_json(folder / NOT_RUN, {"reason": why_not})
        return
    write_json(folder / CONFIG, {MEMBERS: scored.scores[ENSEMBLE]["members"]})
    write_json(folder / predictions.THRESHOLDS, scored.thresholds)
    for fold, of_fold in enumerate(predictions.thresholds(ENSEMBLE_PREDICTIONS)):
        write_json(folder / FOLD.format(fold) / predictions.THRESHOLDS, of_fold)
    task.write(folder / "labels.json")


def _of_fold(fold, candidates, folder_of, clips, task, most):
    """({name: temperature} of the members, the table of their mean probabilities) of one fold."""
    order = sorted(candidates, key=lambda name: candidates[name].losses[fold])[:most]
    total, found = 0, []
    for n, name in enumerate(order, start=1):
        table = pd.read_csv(folder_of[name] / predictions.PROBABILITIES, **predictions.TEXT)
        table = table[table["fold"] == fold]
        total = total + temperature.scaled(table.iloc[:, 3:].to_numpy(float), candidates[name].temperatures[fold], task)
        mean = pd.DataFrame((total / n).round(6), columns=table.columns[3:], index=table.index)
        found.append(table.iloc[:, :3].join(mean))
    losses = [_loss(table, clips, task) for table in found[FEWEST - 1 :]]
    n = FEWEST + int(np.argmin(losses))
    return {name: candidates[name].temperatures[fold] for name in order[:n]}, found[n - 1]


def _loss(table, clips, task):
    y_true, y_score = _validation(table, clips, task)
    scaled = temperature.scaled(y_score, temperature.fit(y_true, y_score, task), task)
    return temperature.log_loss(y_true, scaled, task)


def _thresholds(table, clips, task, threshold):
    chosen = choose(*_validation(table, clips, task), task) if threshold is None else task.thresholds(threshold)
    return dict(zip(task.classes, chosen.round(6).tolist(), strict=True))


def _validation(table, clips, task):
    """y_true and y_score of the validation recordings."""
    held = table[table["split"] == "validation"]
    rows = clips.loc[held["clip_id"]]
    of_clips = rows["source"], task.targets(rows["labels"]), held.iloc[:, 3:].to_numpy(float)
    return by_recording(rows["parent"], *of_clips)[1:]
