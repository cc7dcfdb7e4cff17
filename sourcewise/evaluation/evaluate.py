"""Scores of the stored predictions of all classifiers, of the ensemble of the best and of the majority-class baseline;
which one is chosen, and what it is worth."""

from typing import Annotated, NamedTuple

import numpy as np
from pydantic import Field

from sourcewise.core.errors import count
from sourcewise.core.params import Section
from sourcewise.core.paths import ENSEMBLE_PREDICTIONS, NOT_RUN, PREDICTIONS
from sourcewise.datasets import manifest
from sourcewise.evaluation import choice, ensemble, predictions, probability_metrics, verdict
from sourcewise.evaluation.metrics import averages, headline, score, tally
from sourcewise.storage.files import fresh_folder, write_json


class EvaluateParams(Section):
    """`evaluate`: the number of bins of the expected calibration error; the most members of the ensemble, 0 or 1 for
    none."""

    bins: Annotated[int, Field(ge=1, le=1000)]
    ensemble: Annotated[int, Field(ge=0, le=100)]


class Evaluated(NamedTuple):
    """scores: {name: scores, or {not_run: reason}} of the entries, and of the ensemble and the baseline; verdict: its
    numbers, None where no classifier ran; by_source: {row of the table: [{source, recordings, right, value}]};
    thresholds: of the mean over the folds of the ensemble, {class: probability}, None where there is none; tests:
    {name: Predictions} of the test recordings by those that ran, and by the procedure."""

    scores: dict
    verdict: dict | None
    by_source: dict
    thresholds: dict | None
    tests: dict


def evaluate(names, split, task, p, *, threshold, audit):
    """The Evaluated of these classifiers; writes the ensemble's predictions. names: in the order of params.yaml;
    p: EvaluateParams; threshold: train.threshold; audit: metrics/audit.json."""
    reasons = {name: predictions.not_run(PREDICTIONS / name) for name in names}
    folders = {name: PREDICTIONS / name for name in names if not reasons[name]}
    scores = {name: {"not_run": reason} for name, reason in reasons.items() if reason}
    candidates = {name: _candidate(folder, split, task) for name, folder in folders.items()}
    members, thresholds = _ensemble(candidates, folders, split, task, p, threshold)
    if not members:
        n = count(len(folders), "classifier")
        reason = f"it averages {ensemble.FEWEST} classifiers and more: {n} ran, evaluate.ensemble is {p.ensemble}"
        write_json(ENSEMBLE_PREDICTIONS / NOT_RUN, {"reason": reason})
    if not candidates:
        return Evaluated(scores, None, {}, None, {})
    chosen = choice.choose_among(candidates)
    baseline = choice.majority(candidates[chosen.name], split, task, threshold)
    for name, of in candidates.items():
        scores[name] = scores_of(of, task, p) | _stored(folders[name], split, task)
    if members:
        scores[choice.ENSEMBLE]["members"] = members
    scores[choice.MAJORITY] = scores_of(baseline, task, p)
    _without_error(scores[choice.MAJORITY], baseline.test)
    tested = {verdict.PROCEDURE: chosen.test} | {name: of.test for name, of in candidates.items()}
    by_source = {name: verdict.by_source(test, task) for name, test in tested.items()}
    numbers = verdict.numbers(candidates, chosen, baseline, task, split, audit)
    return Evaluated(scores, numbers, by_source, thresholds, tested)


def _without_error(scores, of):
    """Give the balanced accuracy and the ROC AUC of a baseline that predicts the same everywhere, which are so by
    definition, no width: another choice of sources would not change them."""
    same = {"y_pred": [scores["test"]["balanced_accuracy"]], "y_score": [scores["probabilities"]["roc_auc"]]}
    same["y_score"] += [of_class["roc_auc"] for of_class in scores["classes"].values()]
    for predicted, exact in same.items():
        constant = (getattr(of, predicted) == getattr(of, predicted)[0]).all()
        for score_of in exact:
            if constant and score_of["value"] is not None:
                score_of |= {"low": score_of["value"], "high": score_of["value"]}
                score_of.pop("why", None)


def _ensemble(candidates, folders, split, task, p, threshold):
    """Write the ensemble and add it to the candidates and their folders; (members, thresholds), of `ensemble.write`."""
    fresh_folder(ENSEMBLE_PREDICTIONS)
    if min(p.ensemble, len(folders)) < ensemble.FEWEST:
        return None, None
    options = {"most": p.ensemble, "threshold": threshold}
    written = ensemble.write(ENSEMBLE_PREDICTIONS, candidates, folders, split.clips, task, **options)
    folders[choice.ENSEMBLE] = ENSEMBLE_PREDICTIONS
    candidates[choice.ENSEMBLE] = _candidate(ENSEMBLE_PREDICTIONS, split, task)
    return written


def scores_of(of, task, p):
    """All scores of one Candidate, for JSON. p: EvaluateParams. Validation scores are for model selection, test scores
    for the result. Predictions of all folds are pooled, with the scores of each fold beside them."""
    scores = {
        part: headline(rows.y_true, rows.y_pred, rows.sources, task)
        for part, rows in (("validation", of.validation), ("test", of.test))
    }
    losses = [round(loss, 6) for loss in of.losses]
    scores["selection"] = {"log_loss": round(of.loss, 6), "of_folds": losses, "temperatures": of.temperatures}
    return scores | of_test(of.test, task, p.bins) | {"folds": _by_fold(of.test, task)}


def _candidate(folder, split, task):
    parts = (predictions.of_recordings(folder, split.clips, task, part) for part in ("validation", "test"))
    return choice.candidate(*parts, task)


def _stored(folder, split, task):
    """What the stored predictions hold beside recordings: scores of segments, where recordings were cut; thresholds;
    learning curves."""
    stored = {}
    if manifest.is_cut(split.clips):
        for part in ("validation", "test"):
            of = predictions.of_clips(folder, split.clips, task, part)
            stored[f"{part}_segments"] = score(of.y_true, of.y_pred, of.sources, task.one_label)
    stored["thresholds"] = predictions.thresholds(folder)
    if (folder / predictions.HISTORY).is_file():
        stored["history"] = predictions.history(folder)
    return stored


def _by_fold(recordings, task):
    """[{metric: value, clips, sources}] of the test recordings of each fold."""
    each = []
    for fold in np.unique(recordings.folds):
        rows = recordings.folds == fold
        of_fold = headline(recordings.y_true[rows], recordings.y_pred[rows], recordings.sources[rows], task)
        each.append({key: of["value"] if isinstance(of, dict) else of for key, of in of_fold.items()})
    return each


def of_test(recordings, task, bins):
    """The scores of the test recordings beyond the headline."""
    y_true, y_pred, y_score, _, sources, *_ = recordings
    of_roc, area = probability_metrics.areas(y_true, y_score, sources)
    classes = probability_metrics.by_class(y_true, y_pred, y_score, task.classes, sources, of_roc)
    return {
        "averages": averages(y_true, y_pred, sources),
        "classes": classes,
        "probabilities": probability_metrics.overall(task, y_true, y_score, classes, area, bins=bins),
        "roc": probability_metrics.roc(y_true, y_score),
        "confusion": task.confusion(y_true, y_pred),
        "by_source": tally(y_true, y_pred, sources),
    }
