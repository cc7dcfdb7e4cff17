"""DVC stage `evaluate@<name>`: the stored probabilities of one classifier, scored. Needs no model.

Where recordings were cut, what counts is the whole recording; scores of its segments stand beside.
"""

from pathlib import Path

import pandas as pd
from pydantic import NonNegativeInt, PositiveInt

from stages.core import manifest, params
from stages.core.command import run
from stages.core.manifest import SPLIT
from stages.core.params import Section
from stages.core.storage import write_json
from stages.core.task import Task
from stages.scoring.metrics import by_recording, score

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
    table = pd.read_csv(
        f"models/{name}/probabilities.csv", dtype={"clip_id": str}, keep_default_na=False, lineterminator="\n"
    )
    scored, segments = {}, {}
    for part in ("validation", "test"):
        rows = table[table["split"] == part]
        clips = split.loc[rows["clip_id"]]
        of_clips = clips["source"], task.targets(clips["labels"]), rows.iloc[:, 2:].to_numpy(float)
        sources, truth, probabilities = by_recording(clips["parent"], *of_clips)
        scored[part] = _scored(task, p, sources, truth, probabilities)
        segments[f"{part}_segments"] = _scored(task, p, *of_clips)
    if manifest.is_cut(split):
        scored |= segments
    scored["confusion"] = task.confusion(truth, task.decide(probabilities))  # of test
    write_json(EACH / f"{name}.json", scored)


def _scored(task, p, sources, truth, probabilities):
    return score(truth, task.decide(probabilities), sources, resamples=p.resamples, seed=p.seed)


if __name__ == "__main__":
    run(main)
