"""DVC stage `evaluate@<name>`: the stored probabilities of one classifier, scored. Needs no model."""

from pathlib import Path

import pandas as pd
from pydantic import NonNegativeInt, PositiveInt

from stages.core import manifest, params
from stages.core.command import run
from stages.core.manifest import SPLIT
from stages.core.params import Section
from stages.core.storage import write_json
from stages.core.task import Task
from stages.scoring.metrics import score

EACH = Path("metrics/each")


class EvaluateParams(Section):
    """`evaluate`: how often sources are resampled for an interval."""

    resamples: PositiveInt
    seed: NonNegativeInt


def main(name):
    """Test once; validation beside it, for choosing between classifiers without touching test."""
    p = params.load(EvaluateParams, "evaluate")
    task = Task.read()
    split = manifest.read(SPLIT).set_index("clip_id")
    table = pd.read_csv(f"models/{name}/probabilities.csv", dtype={"clip_id": str}, keep_default_na=False)
    result = {}
    for part in ("validation", "test"):
        rows = table[table["split"] == part]
        clips = split.loc[rows["clip_id"]]
        truth = task.targets(clips["labels"])
        decided = task.decide(rows.iloc[:, 2:].to_numpy(float))
        result[part] = score(truth, decided, clips["source"], resamples=p.resamples, seed=p.seed)
    result["confusion"] = task.confusion(truth, decided)
    write_json(EACH / f"{name}.json", result)


if __name__ == "__main__":
    run(main)
