"""Scores on external datasets, by the code of all other scores; the drop: how much lower they are than those on this
dataset's own test sources."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from sourcewise.core.paths import ENSEMBLE_PREDICTIONS, NOT_RUN, REJECTED
from sourcewise.datasets import external, manifest
from sourcewise.datasets.external import EXTERNAL, FACTS, PREDICTED, SCORED
from sourcewise.datasets.task import Task
from sourcewise.evaluation import predictions, temperature
from sourcewise.evaluation.aggregation import by_recording
from sourcewise.evaluation.choice import ENSEMBLE
from sourcewise.evaluation.evaluate import of_test
from sourcewise.evaluation.intervals import rounded
from sourcewise.evaluation.metrics import headline, headline_keys
from sourcewise.evaluation.predictions import Predictions
from sourcewise.evaluation.verdict import PROCEDURE
from sourcewise.storage.files import read_json, write_json


class Scored(NamedTuple):
    """What is scored of an external dataset: its rows; the task, whose classes are with several labels the common ones;
    the common classes."""

    rows: pd.DataFrame
    task: Task
    common: list


def scored(name, task):
    """The Scored of an external dataset. With one label all classes stay, as any of them may be predicted."""
    common = read_json(EXTERNAL / name / FACTS)["common"]
    return Scored(
        manifest.read(EXTERNAL / name / SCORED), task if task.one_label else Task(task.type, tuple(common)), common
    )


def folder_of(dataset, name):
    """The folder of the predictions of a classifier, or of the ensemble, on an external dataset."""
    if name == ENSEMBLE:
        return ENSEMBLE_PREDICTIONS / EXTERNAL.name / dataset
    return EXTERNAL / dataset / PREDICTED / name


def evaluate(done, task, bins):
    """{dataset: {scored, sources, rejected, the facts about its recordings, chosen, scores}}.

    scores: {name: `scores_of`, or {not_run: reason}} of the classifiers; chosen: the same of the one that is chosen for
    new recordings, its drop from the score of the procedure. done: the Evaluated of this dataset.
    """
    result = {}
    for dataset in external.names() if done.verdict else []:
        _write_ensemble(dataset, done, task)
        of = scored(dataset, task)
        tests = {name: test for name, test in done.tests.items() if name != PROCEDURE}
        scores = {name: scores_of(dataset, name, test, of, task, bins) for name, test in tests.items()}
        chosen = done.verdict["chosen"]["name"]
        of_procedure = scores_of(dataset, chosen, done.tests[PROCEDURE], of, task, bins)
        result[dataset] = {
            "scored": int(of.rows["parent"].nunique()),
            "sources": int(of.rows["source"].nunique()),
            "rejected": len(manifest.read(EXTERNAL / dataset / REJECTED.name)),
            **read_json(EXTERNAL / dataset / FACTS),
            "chosen": {"name": chosen} | _of_chosen(of_procedure),
            "scores": scores,
        }
    return result


def _of_chosen(scores):
    """Of `scores_of`, what the verdict needs."""
    if "not_run" in scores:
        return scores
    auc = scores["probabilities"]["roc_auc"]
    return {key: scores[key] for key in ("test", "own_test", "drop")} | {"roc_auc": auc}


def of_verdict(scores):
    """[{dataset, scored, sources, classifier, score, roc_auc, own_roc_auc, drop, shift}] of the chosen classifier where
    it ran; scores: as `evaluate` gives them; score and drop: of the first headline metric; shift: the largest one."""
    return [
        {
            "dataset": dataset,
            "scored": of["scored"],
            "sources": of["sources"],
            "classifier": of["chosen"]["name"],
            "score": of["chosen"]["test"][headline_keys(of["chosen"]["test"])[0]],
            "roc_auc": of["chosen"]["roc_auc"],
            "own_roc_auc": of["chosen"]["own_test"]["roc_auc"],
            "drop": of["chosen"]["drop"][headline_keys(of["chosen"]["test"])[0]],
            "shift": of["shift"][0],
        }
        for dataset, of in scores.items()
        if "not_run" not in of["chosen"]
    ]


def scores_of(dataset, name, test, of, task, bins):
    """The scores of one classifier, for JSON, as of its own test recordings; of these own_test, the headline scores and
    the ROC AUC on the same classes, and the `drop` of each. test: its Predictions of these; of: Scored."""
    reason = predictions.not_run(folder_of(dataset, name))
    if reason:
        return {"not_run": reason}
    there = narrowed(of_recordings(dataset, name, of.rows, task), task, of)
    here = narrowed(test, task, of)
    scores = {"test": headline(there.y_true, there.y_pred, there.sources, of.task)} | of_test(there, of.task, bins)
    keys = headline_keys(scores["test"])
    own = {key: {"value": None, "why": "no test recording has these classes"} for key in (*keys, "roc_auc")}
    if len(here.y_true):
        own = headline(here.y_true, here.y_pred, here.sources, of.task)
        own["roc_auc"] = of_test(here, of.task, bins)["probabilities"]["roc_auc"]
    return scores | {"own_test": own, "drop": {key: drop(own[key], scores["test"][key]) for key in keys}}


def drop(own, there):
    """{value, low, high} of one score minus another, {value, low, high} each, of independent sources.

    The interval is put together from those of both scores (R. Newcombe, Statistics in Medicine 17, 1998, method 10; G.
    Zou and A. Donner, Statistics in Medicine 27, 2008, for other intervals than Wilson's): where one score has none,
    the difference has none.
    """
    undefined = [score for score in (own, there) if score["value"] is None]
    if undefined:
        return {"value": None, "low": None, "high": None, "why": undefined[0].get("why", "no labels")}
    value, without = own["value"] - there["value"], [score for score in (own, there) if score["low"] is None]
    if without:
        return {"value": rounded(value), "low": None, "high": None, "why": without[0]["why"]}
    below = np.hypot(own["value"] - own["low"], there["high"] - there["value"])
    above = np.hypot(own["high"] - own["value"], there["value"] - there["low"])
    return {"value": rounded(value), "low": rounded(value - below), "high": rounded(value + above)}


def of_recordings(dataset, name, rows, task):
    """The Predictions of recordings, sorted, by the mean probability over the folds and over their clips, with the
    thresholds chosen on validation."""
    folder = folder_of(dataset, name)
    folds = _folds(folder)
    clips = rows.set_index("clip_id").loc[folds[0]["clip_id"]]
    mean = np.mean([fold.iloc[:, 2:].to_numpy(float) for fold in folds], axis=0)
    of_class = read_json(folder / predictions.THRESHOLDS)
    of_class = np.array([of_class[name] for name in task.classes])
    sources, y_true, y_score = by_recording(clips["parent"], clips["source"], task.targets(clips["labels"]), mean)
    recordings = clips.drop_duplicates("parent").sort_values("parent")
    n = len(y_score)
    tiled = np.tile(of_class, (n, 1))
    return Predictions(y_true, task.decide(y_score, of_class), y_score, tiled, sources, np.zeros(n, int), recordings)


def narrowed(of, task, scored):
    """The Predictions of recordings of the common classes; with several labels of all recordings, for these classes."""
    columns = [task.classes.index(name) for name in scored.common]
    if task.one_label:
        kept = of.y_true[:, columns].any(axis=1)
        return Predictions(*(values[kept] for values in of))
    wide = {key: getattr(of, key)[:, columns] for key in ("y_true", "y_pred", "y_score", "thresholds")}
    return of._replace(**wide)


def _folds(folder):
    """The table of each fold."""
    table = pd.read_csv(folder / predictions.PROBABILITIES, **predictions.TEXT)
    return [fold for _, fold in table.groupby("fold")]


def _write_ensemble(dataset, done, task):
    """Write the ensemble's predictions, the mean of its members' in each fold, or why there are none."""
    members, folder = done.scores.get(ENSEMBLE, {}).get("members"), folder_of(dataset, ENSEMBLE)
    if members is None:
        return
    names = sorted({name for of_fold in members for name in of_fold})
    reasons = [reason for name in names if (reason := predictions.not_run(folder_of(dataset, name)))]
    if reasons:
        write_json(folder / NOT_RUN, {"reason": reasons[0]})
        return
    tables = {name: _folds(folder_of(dataset, name)) for name in names}
    written = []
    for fold, of_fold in enumerate(members):
        scaled = [
            temperature.scaled(tables[name][fold].iloc[:, 2:].to_numpy(float), t, task) for name, t in of_fold.items()
        ]
        first = tables[next(iter(of_fold))][fold]
        mean = pd.DataFrame(np.mean(scaled, axis=0).round(6), columns=first.columns[2:], index=first.index)
        written.append(first.iloc[:, :2].join(mean))
    manifest.write(pd.concat(written), folder / predictions.PROBABILITIES)
    write_json(folder / predictions.THRESHOLDS, done.thresholds)
