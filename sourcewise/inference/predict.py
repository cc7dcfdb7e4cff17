"""The predictions of a trained classifier for any recordings: python -m sourcewise predict svm data/raw/birds --csv

Prints the predicted classes of each recording and the probability of each class. Recordings are decoded, cut and turned
into features as the model's training clips were, whatever params.yaml says now. If these were cut into segments, each
segment has a line, too. A file without usable sound is named and skipped, and the exit status is 1.

With --truth labels.csv, a table with the columns path and label, and source where several recordings come from one, the
predictions are scored: accuracy with its interval over sources, confusion matrix, the worst mistakes.

After a cross-validation the probabilities are the mean over the models of all folds. With --out-of-fold, recordings of
the dataset are predicted by the model of the fold that tests them, which has not seen their source.
"""

import csv
import json
import os
import sys
from pathlib import Path

import numpy as np

from sourcewise.audio.decode import Unreadable
from sourcewise.compute.parallel import each
from sourcewise.core import messages
from sourcewise.core.errors import Stop, count
from sourcewise.core.paths import ENSEMBLE_PREDICTIONS, MANIFEST, PREDICTIONS, RAW
from sourcewise.datasets import dataset_file, manifest, resolver
from sourcewise.evaluation import predictions
from sourcewise.evaluation.choice import ENSEMBLE
from sourcewise.inference.classifier import load

AT_ONCE = 100  # recordings whose features are in memory


def main(name, paths, form, out_of_fold=False, truth=None):
    """Print predictions of model `name` for `paths` as "text", "json" or "csv", and their scores by the labels in the
    file `truth`; returns 1 if a file has no sound, or no fold tests it."""
    labels = None if truth is None else _labels(truth)
    trained, fold_of = load(name), _tested_by(name) if out_of_fold else None
    if trained.n_folds > 1 and not out_of_fold:
        print(messages.prefixed(f"mean over the models of {trained.n_folds} folds"), file=sys.stderr)
    write, n_bad, files = {"text": _text, "json": _json, "csv": _csv}[form](trained.task), 0, _files(paths)
    if not out_of_fold and (n := _n_seen(name, trained, files)):
        hint = "; --out-of-fold takes, for each, the model of the fold that tests it" * (trained.n_folds > 1)
        messages.warn(
            f"{count(n, 'recording')} had a part in training or validation: they are predicted better than others{hint}"
        )
    predicted = {}
    for first in range(0, len(files), AT_ONCE):
        some = files[first : first + AT_ONCE]
        features = list(each(trained.features, some, title="predict", unit="recording"))
        for path, rows in zip(some, _predictions(trained, some, features, fold_of), strict=True):
            if isinstance(rows, Unreadable):
                fault = f" {rows}" if os.path.lexists(path) else ": no such file"
                print(messages.prefixed(f"{path}{fault}"), file=sys.stderr)
                n_bad += 1
            else:
                write(path, rows)
                if labels is not None:
                    predicted[str(path)] = _scored(trained, rows[0], path, fold_of)
    write(None, None)
    if predicted:
        from sourcewise.inference.truth import report

        print(report(labels, truth, predicted, trained.task), file=sys.stdout if form == "text" else sys.stderr)
    return min(n_bad, 1)


def _labels(file):
    from sourcewise.inference.truth import read  # with all that scores need

    return read(file)


def _scored(trained, row, path, fold_of):
    """(probabilities, thresholds) of a recording, each (n_classes,)."""
    fold = None if fold_of is None else fold_of[os.path.realpath(path)]
    return np.array(list(row["probabilities"].values())), np.array(trained.thresholds(fold))


def _n_seen(name, trained, files):
    """How many of these files are recordings of the dataset that a model of some fold was trained or chosen by; 0 where
    its predictions do not lie beside it, as in a folder that was copied."""
    if not MANIFEST.is_file() or not _predicted(name).is_dir():
        return 0
    root = RAW / dataset_file.chosen()
    seen = {os.path.realpath(root / path) for path in manifest.read()["path"]}
    if trained.n_folds == 1:
        seen -= set(_tested_by(name))
    return sum(os.path.realpath(path) in seen for path in files)


def _predicted(name):
    """The folder of the predictions that were stored with a model."""
    return ENSEMBLE_PREDICTIONS if name == ENSEMBLE else PREDICTIONS / name


def _tested_by(name):
    """{path of a recording of the dataset, with links resolved: the fold that tests it}, as the predictions say that
    were stored with the models: the split may have changed since."""
    clips, root = manifest.read().set_index("clip_id"), RAW / dataset_file.chosen()
    tested = predictions.fold_of_test(_predicted(name))
    return {
        os.path.realpath(root / clips["path"][clip_id]): fold
        for clip_id, fold in tested.items()
        if clip_id in clips.index
    }


def _predictions(trained, paths, features, fold_of):
    """As `Trained.predictions`, of each recording by the model of its fold where fold_of says so."""
    if fold_of is None:
        return trained.predictions(features)
    folds = [fold_of.get(os.path.realpath(path)) for path in paths]
    rows = [Unreadable("is in no test part of the split: --out-of-fold cannot predict it") for _ in paths]
    for fold in sorted({fold for fold in folds if fold is not None}):
        of_fold = [k for k, of in enumerate(folds) if of == fold]
        for k, predicted in zip(of_fold, trained.predictions([features[k] for k in of_fold], fold), strict=True):
            rows[k] = predicted
    return rows


def _files(paths):
    """The sound files among these, and in the folders among these, in order."""
    files = []
    for path in map(Path, paths):
        if path.is_dir():
            found = resolver.listing(path)
            if found.outside:
                messages.warn(resolver.outside(found.outside, path))
            files += [path / name for name in found.files]
        else:
            files.append(path)
    if not files:
        raise Stop(f"no sound file in {', '.join(map(str, paths))}")
    return files


def _text(task):
    """A line a recording, then one a segment, classes by descending probability."""

    def write(path, rows):
        if path is None:
            return
        for k, row in enumerate(rows):
            title = str(path) if k == 0 else f"  {row['start_s']:8.2f} to {row['stop_s']:8.2f} s"
            ranked = sorted(row["probabilities"].items(), key=lambda item: -item[1])
            numbers = "  ".join(f"{name} {value:.3f}" for name, value in ranked)
            print(f"{title}: {', '.join(row['classes']) or '-'}    ({numbers})")

    return write


def _csv(task):
    """A row a recording, and if it was cut, one a segment, distinguished by start and stop."""
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(["path", "start_s", "stop_s", "classes", *(f"p({name})" for name in task.classes)])

    def write(path, rows):
        for row in rows or []:
            p = (f"{value:.6f}" for value in row["probabilities"].values())
            table.writerow([path, row["start_s"], row["stop_s"], "|".join(row["classes"]), *p])

    return write


def _json(task):
    """One list, an object a recording, with its segments if it was cut."""
    everything = []

    def write(path, rows):
        if path is None:
            print(json.dumps(everything, indent=1, ensure_ascii=False))
        else:
            everything.append({"path": str(path), **rows[0]} | ({"segments": rows[1:]} if len(rows) > 1 else {}))

    return write


def arguments(parser):
    """Add the arguments of the command line."""
    parser.add_argument("name", help="a classifier in models/classifiers/, or ensemble")
    parser.add_argument("paths", nargs="+", metavar="PATH", help="recordings, or folders of recordings")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_const", dest="form", const="json", help="print JSON, one list of objects")
    form.add_argument(
        "--csv",
        action="store_const",
        dest="form",
        const="csv",
        help="print CSV, a row for each recording and segment",
    )
    parser.add_argument("--out-of-fold", action="store_true", help="by the model of the fold that tests the recording")
    parser.add_argument("--truth", metavar="LABELS.csv", help="a table of path, label, source: scores the predictions")
    parser.set_defaults(form="text")
