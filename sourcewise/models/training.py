"""DVC stage `train@<name>`: one classifier, fitted on train, stored, read back, and asked for probabilities.

DVC stage `ahead`, without a name: all classifiers that are new, side by side on the cores of this machine, for the
stages `train@<name>` to find; these train what they do not find. It saves time and changes no byte.
"""

import hashlib
import json
import os
import shutil
from functools import cache
from pathlib import Path

import numpy as np

from stages.core import clips, code, live, manifest, params, registry
from stages.core.clips import COPIES
from stages.core.command import run
from stages.core.examples import Examples, read_features
from stages.core.manifest import SPLIT
from stages.core.parallel import ComputeParams
from stages.core.processes import side_by_side
from stages.core.stop import NotRun
from stages.core.storage import FEATURES, digest_of, fresh_folder, sha256, write_json, write_text
from stages.core.task import LABELS, Task
from stages.scoring.recordings import by_recording
from stages.scoring.thresholds import choose

MODELS = Path("models")
PREDICTIONS = Path("data/predictions")
AHEAD = Path(".cache/ahead")
#: What the features of other recordings are made by, which `predict` needs.
HOW = ("how.json", "range.json", "colours.npy")
#: A model's name for what it was made of.
MADE_OF = "made_of.txt"


def main(name=None):
    """One classifier; without a name, all that are new, ahead of their stages."""
    if name is None:
        _ahead()
        return
    found = AHEAD / _made_of(name)
    if not all((found / part).is_dir() for part in ("model", "predictions")):  # new, or a run was killed below
        shutil.rmtree(found, ignore_errors=True)
        _train_in(found, name)
    if (found / "model/not_run.json").is_file():
        print(f"train: {name} is not run: {json.loads((found / 'model/not_run.json').read_text())['reason']}")
    for part, place in (("model", MODELS), ("predictions", PREDICTIONS)):
        shutil.rmtree(place / name, ignore_errors=True)
        place.mkdir(parents=True, exist_ok=True)
        os.replace(found / part, place / name)
    found.rmdir()


def _ahead():
    made_of = {name: _made_of(name) for name in params.load(dict[str, dict], "classifiers")}
    new = [name for name, key in made_of.items() if not _is_up_to_date(name, key)]
    workers = params.load(ComputeParams, "compute").workers or os.cpu_count()
    if len(new) > 1 and workers > 1:  # one alone is trained where its progress is seen
        shutil.rmtree(AHEAD, ignore_errors=True)
        errors = side_by_side(_train_ahead, new, n=workers, what="ahead", unit="classifier")
        for name in (name for name in new if errors[name]):
            print(f"ahead: {name} ended early, train@{name} will say why")
    write_text("data/ahead.txt", "".join(f"{name} {key}\n" for name, key in made_of.items()))


def _is_up_to_date(name, key):
    made_of = MODELS / name / MADE_OF
    return made_of.is_file() and made_of.read_text().strip() == key


def _train_ahead(name):
    _train_in(AHEAD / _made_of(name), name)


def _train_in(folder, name):
    """A folder that holds all or does not exist. A classifier that cannot run says why, and the others go on."""
    part = folder.with_name(f"{folder.name}.{os.getpid()}")
    model, predictions = fresh_folder(part / "model"), fresh_folder(part / "predictions")
    try:
        _train(name, model, predictions)
    except NotRun as reason:
        for place in (fresh_folder(model), fresh_folder(predictions)):
            write_json(place / "not_run.json", {"reason": str(reason)})
    write_text(model / MADE_OF, f"{_made_of(name)}\n")
    os.replace(part, folder)


def _train(name, folder, predictions):
    """Write the model, the probabilities of validation and test, thresholds chosen on validation, and the curve.

    The model never sees the labels of test clips. What is scored is what was stored.
    """
    import pandas as pd

    zoo = registry.module("zoo", name)
    p = params.classifier(zoo.Params, name)
    split, task = clips.table("split"), Task.read()
    if len(task.classes) < 2:
        raise NotRun(f"the corpus has one class only, {task.classes[0]!r}")
    examples = Examples(read_features(p.input), task.targets(split["labels"]), split["source"].to_numpy())
    rows = manifest.parts(split)  # of which the copies are all train
    with live.named(f"train/{name}"):
        zoo.fit(examples.take(rows["train"]), examples.take(rows["validation"]), task, p).save(folder)
    held = np.concatenate([rows["validation"], rows["test"]])
    probabilities = zoo.load(folder).predict(examples.x_of(held)).round(6)
    columns = [f"p({name})" for name in task.classes]
    table = split.iloc[held][["clip_id", "split"]].reset_index(drop=True)
    manifest.write(table.join(pd.DataFrame(probabilities, columns=columns)), predictions / "probabilities.csv")
    thresholds = _thresholds(task, p, split.iloc[rows["validation"]], probabilities[: len(rows["validation"])])
    for place in (folder, predictions):
        write_json(place / "thresholds.json", dict(zip(task.classes, thresholds.round(6).tolist(), strict=True)))
    for file in HOW:
        if (FEATURES / p.input / file).is_file():
            shutil.copyfile(FEATURES / p.input / file, folder / file)
    if (folder / "history.csv").is_file():
        shutil.copyfile(folder / "history.csv", predictions / "history.csv")


def _thresholds(task, p, validation, probabilities):
    """Chosen on whole recordings, as these are what is scored."""
    if p.train.threshold is not None:
        return task.thresholds(p.train.threshold)
    of_clips = validation["source"], task.targets(validation["labels"]), probabilities
    _, truth, probabilities = by_recording(validation["parent"], *of_clips)
    return choose(truth, probabilities, task)


@cache
def _made_of(name):
    """20 hex digits of all that a classifier depends on: its parameters, its code and its data."""
    p = params.classifier(registry.module("zoo", name).Params, name)
    modules = (
        "train.py",
        "core",
        "scoring/recordings.py",
        "scoring/thresholds.py",
        f"zoo/_{p.family}",
        f"zoo/{name}.py",
    )
    parts = [p.model_dump(), *(code.of(module) for module in modules), code.training_packages()]
    parts += [*map(sha256, (SPLIT, LABELS, COPIES)), digest_of(FEATURES / p.input)]
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=10).hexdigest()


if __name__ == "__main__":
    run(main)
