"""DVC stage `evaluate@<name>`: the stored probabilities of one classifier, scored. Needs no model.

Where recordings were cut, what counts is the whole recording; scores of its segments stand beside.
"""

from functools import partial
from pathlib import Path

import pandas as pd
from pydantic import NonNegativeInt, PositiveInt

from stages.core import manifest, params
from stages.core.command import run
from stages.core.manifest import SPLIT
from stages.core.params import Section
from stages.core.storage import read_json, write_json
from stages.core.task import Task
from stages.scoring.metrics import averages, by_recording, score

PREDICTIONS = Path("data/predictions")
EACH = Path("metrics/each")


class EvaluateParams(Section):
    """`evaluate`: how often sources are resampled for an interval."""

    resamples: PositiveInt
    seed: NonNegativeInt


def main(name):
    """Test once; validation beside it, for choosing between classifiers without touching test."""
    p = params.load(EvaluateParams, "evaluate")
    predictions = PREDICTIONS / name
    if (predictions / "not_run.json").is_file():
        write_json(EACH / f"{name}.json", {"not_run": read_json(predictions / "not_run.json")["reason"]})
        return
    write_json(EACH / f"{name}.json", _evaluated(p, predictions))


def _evaluated(p, predictions):
    task = Task.read()
    split = manifest.read(SPLIT).set_index("clip_id")
    table = pd.read_csv(
        predictions / "probabilities.csv", dtype={"clip_id": str}, keep_default_na=False, lineterminator="\n"
    )
    thresholds = read_json(predictions / "thresholds.json")
    decide = partial(task.decide, thresholds=[thresholds[name] for name in task.classes])
    scored, segments = {}, {}
    for part in ("validation", "test"):
        rows = table[table["split"] == part]
        clips = split.loc[rows["clip_id"]]
        of_clips = clips["source"], task.targets(clips["labels"]), rows.iloc[:, 2:].to_numpy(float)
        sources, truth, probabilities = by_recording(clips["parent"], *of_clips)
        scored[part] = _scored(decide, p, sources, truth, probabilities)
        segments[f"{part}_segments"] = _scored(decide, p, *of_clips)
    if manifest.is_cut(split):
        scored |= segments
    how = {"resamples": p.resamples, "seed": p.seed}
    scored["averages"] = averages(truth, decide(probabilities), sources, **how)  # of test, as is the next
    scored["confusion"] = task.confusion(truth, decide(probabilities))
    scored["thresholds"] = thresholds
    if (predictions / "history.csv").is_file():
        scored["history"] = pd.read_csv(predictions / "history.csv").to_dict("list")
    return scored


def _scored(decide, p, sources, truth, probabilities):
    return score(truth, decide(probabilities), sources, resamples=p.resamples, seed=p.seed)


if __name__ == "__main__":
    run(main)
