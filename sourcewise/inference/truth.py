"""Scores of predictions for labelled recordings, by the code of all other scores: `predict --truth labels.csv`."""

from pathlib import Path

import numpy as np
import pandas as pd

from sourcewise.core import params
from sourcewise.core.errors import Stop, count, named
from sourcewise.core.markdown import markdown, short
from sourcewise.datasets import external, manifest, resolver, tables
from sourcewise.datasets.task import Task
from sourcewise.evaluation.evaluate import of_test
from sourcewise.evaluation.metrics import HEADLINE, headline, headline_keys
from sourcewise.evaluation.predictions import Predictions
from sourcewise.report.classifier import misclassified
from sourcewise.report.external import left_out, score_text

COLUMNS = ("path", "label", "source")
WORST = 10  # mistakes that are listed


def read(file):
    """A table of labels as a DataFrame of COLUMNS, as texts. Several labels are joined by `|`; without a column
    `source` each recording is a source of its own."""
    if not Path(file).is_file():
        raise Stop(f"--truth: there is no file {file}")
    table = tables.whole(Path(file)).astype(str)
    missing = [name for name in COLUMNS[:2] if name not in table]
    if missing:
        raise Stop(
            f"{file} has no column {named(missing)}, only {named(table.columns)}: it needs path and label, and source "
            "where several recordings come from one"
        )
    source = table["source"] if "source" in table else table["path"]
    return pd.DataFrame({"path": table["path"], "labels": table["label"].map(manifest.nfc), "source": source})


def report(truth, file, predicted, task):
    """The text: how well predictions agree with the labels.

    truth: as `read` from a file gives it; predicted: {path: (probabilities, thresholds)}, each (n_classes,).
    """
    table = _found(truth, file, list(predicted))
    rows, facts = external.matched(table, task, {})
    if rows.empty or not facts["common"]:
        raise Stop(f"{file}: no predicted recording has a label that is one of the classes {named(task.classes)}")
    scored = task if task.one_label else Task(task.type, tuple(facts["common"]))
    of = _predictions(rows, predicted, task, scored)
    scores = headline(of.y_true, of.y_pred, of.sources, scored)
    others = of_test(of, scored, params.load(int, "evaluate.bins"))
    n = f"{count(len(rows), 'recording')} of {count(scores['sources'], 'source')}"
    unlabelled = len(predicted) - facts["recordings"]
    return "\n".join(
        [
            f"Scored with {file}: {n}.",
            *([f"{count(unlabelled, 'recording')} without a label there."] if unlabelled else []),
            *left_out(facts),
            *(f"{HEADLINE[key]}: {score_text(scores[key])}" for key in headline_keys(scores)),
            *_of_probabilities(others["probabilities"]),
            "",
            *_confusion(others["confusion"], scored),
            *_mistakes(misclassified(scored, of)),
        ]
    )


def _found(truth, file, paths):
    """The labels of the predicted recordings: their path, also as `parent` and `clip_id`, labels and source."""
    known, of = resolver.Paths(paths), {}
    for row in truth.itertuples():
        found = known.find(row.path)
        if len(found) > 1:
            raise Stop(f"{file}: path {row.path!r} may mean {named(found)}: write more of its folders")
        if found and of.setdefault(found[0], row).labels != row.labels:
            raise Stop(f"{file}: {found[0]!r} has the labels {of[found[0]].labels!r} and {row.labels!r}")
    if not of:
        raise Stop(f"{file}: none of its paths is that of a predicted recording, such as {paths[0]!r}")
    rows = [(path, path, path, of[path].labels, of[path].source) for path in paths if path in of]
    return pd.DataFrame(rows, columns=["clip_id", "parent", "path", "labels", "source"])


def _predictions(rows, predicted, task, scored):
    """The Predictions of these recordings, for the classes that are scored."""
    y_score, thresholds = (np.stack([predicted[path][k] for path in rows["path"]]) for k in (0, 1))
    y_pred = np.stack([task.decide(p[None], of)[0] for p, of in zip(y_score, thresholds, strict=True)])
    columns = [task.classes.index(name) for name in scored.classes]
    y_true, folds = scored.targets(rows["labels"]), np.zeros(len(rows), int)
    narrow = (values[:, columns] for values in (y_pred, y_score, thresholds))
    return Predictions(y_true, *narrow, rows["source"].to_numpy(str), folds, rows)


def _of_probabilities(scores):
    error = scores["calibration"]["error"]
    return [f"ROC AUC: {score_text(scores['roc_auc'])}", f"expected calibration error: {error:.3f}"]


def _confusion(rows, task):
    if task.one_label:
        n = {(actual, predicted): n for actual, predicted, n in rows}
        cells = [[short(a), *(str(n[a, p]) for p in task.classes)] for a in task.classes]
        return [markdown(["actual, by predicted class", *map(short, task.classes)], cells)]
    cells = [
        [short(of[0][0]), *(str(row[2]) for row in of)]
        for of in np.array_split(np.array(rows, object), len(task.classes))
    ]
    return [markdown(["class", "true positives", "false negatives", "false positives", "true negatives"], cells)]


def _mistakes(wrong):
    if wrong.empty:
        return ["", "None is misclassified."]
    lines = [
        f"{row.path}: {row.actual or '-'}, predicted {row.predicted or '-'} ({row.probability:.3f})"
        for row in wrong.head(WORST).itertuples()
    ]
    shown = f", the first {WORST}" if len(wrong) > WORST else ""
    return ["", f"{len(wrong)} misclassified, the most confident first{shown}:", *lines]
