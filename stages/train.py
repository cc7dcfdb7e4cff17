"""DVC stage `train@<name>`: one classifier, fitted on train, stored, read back, and asked for probabilities."""

from pathlib import Path

import numpy as np
import pandas as pd

from stages.core import clips, manifest, params, registry
from stages.core.command import run
from stages.core.examples import Examples, read_features, take
from stages.core.storage import fresh_folder
from stages.core.task import Task

MODELS = Path("models")


def main(name):
    """The model never sees the labels of test clips; what is scored is what was stored."""
    zoo = registry.module("zoo", name)
    p = params.load(zoo.Params, f"classifiers.{name}")
    split, task, x = clips.table("split"), Task.read(), read_features(p.input)
    rows = manifest.parts(split)  # of which the copies are all train
    train, validation = (
        Examples(take(x, rows[part]), task.targets(split["labels"].iloc[rows[part]]))
        for part in ("train", "validation")
    )
    folder = fresh_folder(MODELS / name)
    zoo.fit(train, validation, task, p).save(folder)
    held = np.concatenate([rows["validation"], rows["test"]])
    probabilities = zoo.load(folder).predict(take(x, held))
    table = pd.DataFrame(probabilities, columns=[f"p({name})" for name in task.classes]).round(6)
    table.insert(0, "clip_id", split["clip_id"].to_numpy()[held])
    table.insert(1, "split", split["split"].to_numpy()[held])
    manifest.write(table, folder / "probabilities.csv")


if __name__ == "__main__":
    run(main)
