"""DVC stage `train@<name>`: one classifier, fitted on train, stored, read back, and asked for probabilities."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd

from stages.core import clips, manifest, params, registry
from stages.core.command import run
from stages.core.examples import Examples, read_features
from stages.core.stop import NotRun
from stages.core.storage import fresh_folder, write_json
from stages.core.task import Task
from stages.scoring.metrics import by_recording
from stages.scoring.thresholds import choose

MODELS = Path("models")
PREDICTIONS = Path("data/predictions")


def main(name):
    """What is scored is what was stored. A classifier that cannot run on this corpus says why, and the run goes on."""
    folder, predictions = fresh_folder(MODELS / name), fresh_folder(PREDICTIONS / name)
    try:
        train(name, folder, predictions)
    except NotRun as reason:
        print(f"train: {name} is not run: {reason}")
        for place in (fresh_folder(folder), fresh_folder(predictions)):
            write_json(place / "not_run.json", {"reason": str(reason)})


def train(name, folder, predictions):
    """Write the model, the probabilities of validation and test, thresholds chosen on validation, and the curve.

    The model never sees the labels of test clips.
    """
    zoo = registry.module("zoo", name)
    p = params.classifier(zoo.Params, name)
    split, task = clips.table("split"), Task.read()
    examples = Examples(read_features(p.input), task.targets(split["labels"]), split["source"].to_numpy())
    rows = manifest.parts(split)  # of which the copies are all train
    zoo.fit(examples.take(rows["train"]), examples.take(rows["validation"]), task, p).save(folder)
    held = np.concatenate([rows["validation"], rows["test"]])
    probabilities = zoo.load(folder).predict(examples.x_of(held)).round(6)
    columns = [f"p({name})" for name in task.classes]
    table = split.iloc[held][["clip_id", "split"]].reset_index(drop=True)
    manifest.write(table.join(pd.DataFrame(probabilities, columns=columns)), predictions / "probabilities.csv")
    thresholds = _thresholds(task, p, split.iloc[rows["validation"]], probabilities[: len(rows["validation"])])
    for place in (folder, predictions):
        write_json(place / "thresholds.json", dict(zip(task.classes, thresholds.round(6).tolist(), strict=True)))
    if (folder / "history.csv").is_file():
        shutil.copyfile(folder / "history.csv", predictions / "history.csv")


def _thresholds(task, p, validation, probabilities):
    """Chosen on whole recordings, as these are what is scored."""
    if p.train.threshold is not None:
        return task.thresholds(p.train.threshold)
    of_clips = validation["source"], task.targets(validation["labels"]), probabilities
    _, truth, probabilities = by_recording(validation["parent"], *of_clips)
    return choose(truth, probabilities, task)


if __name__ == "__main__":
    run(main)
