"""Reads the predictions of one classifier as the stage `train` stored them."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from sourcewise.evaluation.aggregation import by_recording
from sourcewise.storage.files import read_json

PROBABILITIES, THRESHOLDS, HISTORY = "probabilities.csv", "thresholds.json", "history.csv"
NOT_RUN = "not_run.json"


class Predictions(NamedTuple):
    """y_true, y_pred: boolean (n, n_classes); y_score: probabilities, the same shape; sources: names (n,); rows: the
    rows of the split table."""

    y_true: np.ndarray
    y_pred: np.ndarray
    y_score: np.ndarray
    sources: np.ndarray
    rows: pd.DataFrame


def not_run(folder):
    """Why a classifier was not run; None where it was. folder: data/predictions/<name>."""
    return read_json(folder / NOT_RUN)["reason"] if (folder / NOT_RUN).is_file() else None


def thresholds(folder):
    """{class: the probability from which it is predicted}."""
    return read_json(folder / THRESHOLDS)


def of_clips(folder, split, task, part):
    """The Predictions of each clip of a part of the split. split: data/split.csv."""
    table = pd.read_csv(folder / PROBABILITIES, dtype={"clip_id": str}, keep_default_na=False, lineterminator="\n")
    table = table[table["split"] == part]
    rows = split.set_index("clip_id").loc[table["clip_id"]]
    y_score = table.iloc[:, 2:].to_numpy(float)
    return _decided(folder, task, task.targets(rows["labels"]), y_score, rows["source"].to_numpy(), rows)


def of_recordings(folder, split, task, part):
    """The Predictions of each recording, by the mean probability over its clips; sorted by recording."""
    clips = of_clips(folder, split, task, part)
    rows = clips.rows.drop_duplicates("parent").sort_values("parent")
    sources, y_true, y_score = by_recording(clips.rows["parent"], clips.sources, clips.y_true, clips.y_score)
    return _decided(folder, task, y_true, y_score, sources, rows)


def _decided(folder, task, y_true, y_score, sources, rows):
    of_class = thresholds(folder)
    y_pred = task.decide(y_score, [of_class[name] for name in task.classes])
    return Predictions(y_true, y_pred, y_score, sources, rows)
