"""Scores of the stored predictions of one classifier."""

from typing import Annotated

import numpy as np
from pydantic import Field

from sourcewise.core.params import Section
from sourcewise.datasets import manifest
from sourcewise.evaluation import predictions, probability_metrics
from sourcewise.evaluation.metrics import averages, headline, score, tally


class EvaluateParams(Section):
    """`evaluate`: the number of bins of the expected calibration error."""

    bins: Annotated[int, Field(ge=1, le=1000)]


def scores_of(folder, clips, task, p):
    """All scores of one classifier, for JSON. folder: data/predictions/<name>; clips: of the Split; p: EvaluateParams.
    Validation scores are for model selection, test scores for the result. Predictions of all folds are pooled, with the
    scores of each fold beside them.

    Where recordings were cut, scores are of whole recordings, with those of their segments beside them.
    """
    scores, segments = {}, {}
    for part in ("validation", "test"):
        recordings = predictions.of_recordings(folder, clips, task, part)
        scores[part] = headline(recordings.y_true, recordings.y_pred, recordings.sources, task)
        if manifest.is_cut(clips):
            of = predictions.of_clips(folder, clips, task, part)
            segments[f"{part}_segments"] = score(of.y_true, of.y_pred, of.sources, task.one_label)
    scores |= segments | _of_test(recordings, task, p.bins)
    scores |= {"folds": _by_fold(recordings, task), "thresholds": predictions.thresholds(folder)}
    if (folder / predictions.HISTORY).is_file():
        scores["history"] = predictions.history(folder)
    return scores


def _by_fold(recordings, task):
    """[{metric: value, clips, sources}] of the test recordings of each fold."""
    each = []
    for fold in np.unique(recordings.folds):
        rows = recordings.folds == fold
        of_fold = headline(recordings.y_true[rows], recordings.y_pred[rows], recordings.sources[rows], task)
        each.append({key: of["value"] if isinstance(of, dict) else of for key, of in of_fold.items()})
    return each


def _of_test(recordings, task, bins):
    """The scores of the test recordings beyond the headline."""
    y_true, y_pred, y_score, _, sources, *_ = recordings
    classes = probability_metrics.by_class(y_true, y_pred, y_score, task.classes)
    return {
        "averages": averages(y_true, y_pred, sources),
        "classes": classes,
        "probabilities": probability_metrics.overall(task, y_true, y_score, classes, bins=bins),
        "roc": probability_metrics.roc(y_true, y_score),
        "confusion": task.confusion(y_true, y_pred),
        "by_source": tally(y_true, y_pred, sources),
    }
