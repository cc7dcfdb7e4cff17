"""DVC stage `evaluate@<name>`: the stored probabilities of one classifier, scored. Needs no model.

Where recordings were cut, what counts is the whole recording; scores of its segments stand beside.
"""

from functools import partial
from pathlib import Path
from typing import Annotated

import pandas as pd
from pydantic import Field

from stages.core import manifest, params
from stages.core.command import run
from stages.core.manifest import SPLIT
from stages.core.params import Section
from stages.core.storage import read_json, write_json
from stages.core.task import Task
from stages.scoring import probabilities as probable
from stages.scoring.metrics import averages, micro_f1, score, tally
from stages.scoring.recordings import by_recording

PREDICTIONS = Path("data/predictions")
EACH = Path("metrics/each")


class EvaluateParams(Section):
    """`evaluate`: the number of bins of the calibration error."""

    bins: Annotated[int, Field(ge=1, le=1000)]


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
        scored[part] = score(truth, decide(probabilities), sources)
        if not task.one_label:
            scored[part]["micro_f1"] = micro_f1(truth, decide(probabilities), sources)
        segments[f"{part}_segments"] = score(of_clips[1], decide(of_clips[2]), of_clips[0])
    if manifest.is_cut(split):
        scored |= segments
    scored |= _of_test(task, truth, decide(probabilities), probabilities, sources, p.bins)
    scored["thresholds"] = thresholds
    if (predictions / "history.csv").is_file():
        scored["history"] = pd.read_csv(predictions / "history.csv").to_dict("list")
    return scored


def _of_test(task, truth, decided, probabilities, sources, bins):
    """What is told of the test recordings beyond the headline."""
    classes = probable.by_class(truth, decided, probabilities, task.classes)
    return {
        "averages": averages(truth, decided, sources),
        "classes": classes,
        "probabilities": probable.overall(task, truth, probabilities, classes, bins=bins),
        "roc": probable.roc(truth, probabilities),
        "confusion": task.confusion(truth, decided),
        "by_source": tally(truth, decided, sources),
    }


if __name__ == "__main__":
    run(main)
