"""The comparison over all folds of a grouped cross-validation (by source): python -m sourcewise folds

After `dvc exp run --queue -S split.fold=0,1,2,3,4,5` and `dvc exp run --run-all`, joins the predictions of all folds:
every recording is scored once, by classifiers that did not train on its source, and intervals are over all sources.
Prints one table per set of parameters with complete folds, and names the missing folds of the others.
"""

import json
import subprocess
from collections import defaultdict
from io import StringIO

import numpy as np
import pandas as pd

from sourcewise.compute.progress import progress
from sourcewise.core import params
from sourcewise.core.errors import Stop, count
from sourcewise.core.markdown import between, markdown, number
from sourcewise.datasets.task import Task
from sourcewise.evaluation.aggregation import by_recording
from sourcewise.evaluation.metrics import HEADLINE, headline, tally
from sourcewise.evaluation.significance import pairs, sentences


def main():
    """Print the tables, sorted by dataset."""
    from dvc.api import DVCFileSystem

    experiments = _experiments()
    if not experiments:
        raise Stop("no experiment of this commit has a fold: dvc exp run --queue -S split.fold=0,1,2,3,4,5")
    for content, commit_of in sorted(experiments, key=lambda pair: pair[0]["dataset"]):
        missing = sorted(set(range(content["split"]["folds"])) - set(commit_of))
        print(f"# {content['dataset']}, {content['split']['folds']} folds\n")
        if missing:
            print(f"Incomplete: run -S split.fold={','.join(map(str, missing))} with the same parameters.\n")
        else:
            print(f"{_table(content, [DVCFileSystem(rev=commit_of[fold]) for fold in sorted(commit_of)])}\n")


def _experiments():
    """[(parameters without the fold, {fold: commit})] of the experiments of the current commit."""
    head = _git("rev-parse", "HEAD")
    refs = f"refs/exps/{head[:2]}/{head[2:]}/"
    sets = defaultdict(dict)
    for commit in _git("for-each-ref", "--sort=creatordate", "--format=%(objectname)", refs).split():
        content = params.parsed(_git("show", f"{commit}:{params.PARAMS}"))
        content = {key: value for key, value in content.items() if key != "compute"}  # no result depends on it
        fold = content["split"]["fold"]
        content["split"] = content["split"] | {"fold": None}
        if fold is not None:
            sets[json.dumps(content)][fold] = commit
    return [(json.loads(content), commit_of) for content, commit_of in sets.items()]


def _git(*arguments):
    done = subprocess.run(["git", *arguments], capture_output=True, text=True)
    if done.returncode:
        raise Stop(f"git {arguments[0]} failed: {done.stderr.strip()}")
    return done.stdout.strip()


def _table(content, folds):
    """The comparison as text: one row per classifier, the best on validation first."""
    names, task = content["classifiers"], _task(folds[0])
    keys = [key for key in HEADLINE if key != "micro_f1" or not task.one_label]
    rows, not_run, tallies = [], [], {}
    for name in progress(names, total=len(names), title="folds", unit="classifier"):
        of_folds = [_predictions(fold, name) for fold in folds]
        why = next((of_fold for of_fold in of_folds if isinstance(of_fold, str)), None)
        if why:
            not_run.append((name, why))
        else:
            rows.append((name, *(headline(*_joined(part, of_folds), task) for part in ("validation", "test"))))
            tallies[name] = tally(*_joined("test", of_folds))
    rows.sort(key=lambda row: (-row[1][keys[0]]["value"], row[0]))
    header = ["classifier", "validation", *(column for key in keys for column in (HEADLINE[key], "95 % CI"))]
    cells = [
        (name, number(validation[keys[0]]), *(cell(test[key]) for key in keys for cell in (number, between)))
        for name, validation, test in rows
    ]
    text = [_counts(rows[0][2]), markdown(header, cells)] if rows else []
    text += [markdown(["classifier", "not run, because"], not_run, left=2)] if not_run else []
    return "\n\n".join([*text, *(sentences(pairs(tallies), rows[0][0], rows[0][2]["sources"]) if rows else [])])


def _counts(scores):
    return f"{count(scores['clips'], 'recording')} of {count(scores['sources'], 'source')}, each tested once."


def _task(fold):
    return Task(**json.loads(fold.read_text("data/labels.json")))


def _predictions(fold, name):
    """{part: (sources, y_true, y_pred)} of whole recordings in one fold, or why the classifier did not run."""
    folder = f"data/predictions/{name}"
    if fold.exists(f"{folder}/not_run.json"):
        return json.loads(fold.read_text(f"{folder}/not_run.json"))["reason"]
    task = _task(fold)
    thresholds = list(json.loads(fold.read_text(f"{folder}/thresholds.json")).values())
    split, table = _csv(fold, "data/split.csv"), _csv(fold, f"{folder}/probabilities.csv")
    table = table.merge(split.drop(columns="split"), on="clip_id")
    predictions = {}
    for part, rows in table.groupby("split"):
        p = rows.filter(regex=r"^p\(").to_numpy(float)
        sources, y_true, p = by_recording(rows["parent"], rows["source"], task.targets(rows["labels"]), p)
        predictions[part] = sources, y_true, task.decide(p, thresholds)
    return predictions


def _csv(fold, path):
    text = {"dtype": str, "keep_default_na": False, "lineterminator": "\n"}
    return pd.read_csv(StringIO(fold.read_text(path)), **text)


def _joined(part, folds):
    """y_true, y_pred and sources of all folds."""
    sources, y_true, y_pred = (np.concatenate(arrays) for arrays in zip(*(fold[part] for fold in folds), strict=True))
    return y_true, y_pred, sources


def arguments(parser):
    """The command takes no arguments."""
