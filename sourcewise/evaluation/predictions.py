"""Reads the predictions of one classifier as the stage `train` stored them."""

from typing import NamedTuple

import numpy as np

from sourcewise.core.paths import NOT_RUN
from sourcewise.evaluation.aggregation import by_recording
from sourcewise.storage.files import read_json

PROBABILITIES, THRESHOLDS, HISTORY = "probabilities.csv", "thresholds.json", "history.csv"
#: How pandas reads PROBABILITIES: no name is taken for a missing value.
TEXT = {"dtype": {"clip_id": str}, "keep_default_na": False, "lineterminator": "\n"}


class Predictions(NamedTuple):
    """Of some clips or recordings, by the models of the folds that had not seen them. y_true, y_pred: boolean (n,
    n_classes); y_score: probabilities, and thresholds: those from which a class is predicted, the same shape; sources:
    names (n,); folds: numbers (n,); rows: as in the manifest, a table."""

    y_true: np.ndarray
    y_pred: np.ndarray
    y_score: np.ndarray
    thresholds: np.ndarray
    sources: np.ndarray
    folds: np.ndarray
    rows: object


def not_run(folder):
    """Why a classifier was not run; None where it was. folder: data/predictions/<name>."""
    return read_json(folder / NOT_RUN)["reason"] if (folder / NOT_RUN).is_file() else None


def thresholds(folder):
    """[{class: the probability from which it is predicted}] of each fold."""
    return read_json(folder / THRESHOLDS)


def history(folder):
    """[{measure: [value of each epoch]}] of each fold."""
    import pandas as pd

    of_folds = pd.read_csv(folder / HISTORY).groupby("fold")
    return [rows.drop(columns="fold").to_dict("list") for _, rows in of_folds]


def fold_of_test(folder):
    """{clip_id: the fold that tests it}."""
    import pandas as pd

    table = pd.read_csv(folder / PROBABILITIES, **TEXT)
    tested = table[table["split"] == "test"]
    return dict(zip(tested["clip_id"], tested["fold"].tolist(), strict=True))


def of_clips(folder, clips, task, part):
    """The Predictions of each clip in the fold where it is in a part. clips: of the Split."""
    return _joined([fold for fold, _ in _of_folds(folder, clips, task, part)])


def of_recordings(folder, clips, task, part):
    """The Predictions of each recording, by the mean probability over its clips; sorted within each fold."""
    return _joined([fold for _, fold in _of_folds(folder, clips, task, part)])


def _of_folds(folder, clips, task, part):
    """(Predictions of clips, of recordings) of each fold."""
    import pandas as pd

    table, of_folds = pd.read_csv(folder / PROBABILITIES, **TEXT), thresholds(folder)
    clips = clips.set_index("clip_id")
    for fold, of_fold in table[table["split"] == part].groupby("fold"):
        rows, of_class = clips.loc[of_fold["clip_id"]], np.array([of_folds[fold][name] for name in task.classes])
        of_clips = rows["source"].to_numpy(), task.targets(rows["labels"]), of_fold.iloc[:, 3:].to_numpy(float)
        of_recordings = by_recording(rows["parent"], *of_clips)
        recordings = rows.drop_duplicates("parent").sort_values("parent")
        yield (
            _decided(task, fold, of_class, *of_clips, rows),
            _decided(task, fold, of_class, *of_recordings, recordings),
        )


def _decided(task, fold, of_class, sources, y_true, y_score, rows):
    y_pred, n = task.decide(y_score, of_class), len(y_score)
    return Predictions(y_true, y_pred, y_score, np.tile(of_class, (n, 1)), sources, np.full(n, fold), rows)


def _joined(folds):
    import pandas as pd

    *arrays, rows = zip(*folds, strict=True)
    return Predictions(*map(np.concatenate, arrays), pd.concat(rows))
