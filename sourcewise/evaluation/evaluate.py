"""Scores of the stored predictions of one classifier."""

from typing import Annotated

import pandas as pd
from pydantic import Field

from sourcewise.core.params import Section
from sourcewise.datasets import manifest
from sourcewise.evaluation import predictions, probability_metrics
from sourcewise.evaluation.metrics import averages, headline, score, tally


class EvaluateParams(Section):
    """`evaluate`: the number of bins of the expected calibration error."""

    bins: Annotated[int, Field(ge=1, le=1000)]


def scores_of(folder, split, task, p):
    """All scores of one classifier, for JSON. folder: data/predictions/<name>; split: data/split.csv; p:
    EvaluateParams. Validation scores are for model selection, test scores for the result.

    Where recordings were cut, scores are of whole recordings, with those of their segments beside them.
    """
    scores, segments = {}, {}
    for part in ("validation", "test"):
        recordings = predictions.of_recordings(folder, split, task, part)
        scores[part] = headline(recordings.y_true, recordings.y_pred, recordings.sources, task)
        if manifest.is_cut(split):
            clips = predictions.of_clips(folder, split, task, part)
            segments[f"{part}_segments"] = score(clips.y_true, clips.y_pred, clips.sources)
    scores |= segments | _of_test(recordings, task, p.bins) | {"thresholds": predictions.thresholds(folder)}
    if (folder / predictions.HISTORY).is_file():
        scores["history"] = pd.read_csv(folder / predictions.HISTORY).to_dict("list")
    return scores


def _of_test(recordings, task, bins):
    """The scores of the test recordings beyond the headline."""
    y_true, y_pred, y_score, sources, _ = recordings
    classes = probability_metrics.by_class(y_true, y_pred, y_score, task.classes)
    return {
        "averages": averages(y_true, y_pred, sources),
        "classes": classes,
        "probabilities": probability_metrics.overall(task, y_true, y_score, classes, bins=bins),
        "roc": probability_metrics.roc(y_true, y_score),
        "confusion": task.confusion(y_true, y_pred),
        "by_source": tally(y_true, y_pred, sources),
    }
