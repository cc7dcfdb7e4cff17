"""What the report tells of one classifier: its scores and figures, and the recordings that it misclassifies."""

from pathlib import Path

import numpy as np
import pandas as pd

from stages.core import manifest
from stages.core.storage import read_json
from stages.pages import figures
from stages.scoring.recordings import by_recording

PREDICTIONS = Path("data/predictions")


def told(name, scores, page, task, split, recordings, *, listed):
    """Its scores, the names of its figures, now drawn, and the first `listed` recordings that it misclassifies."""
    truth, decided, probabilities, rows = _test(name, task, split)
    drawn = {
        "roc": figures.roc(truth, probabilities, task.classes),
        "precision_recall": figures.precision_recall(truth, probabilities, task.classes),
        "calibration": figures.calibration(scores["probabilities"]["calibration"]["bins"]),
    }
    if task.one_label:
        drawn = {"confusion": figures.confusion(scores["confusion"], task.classes)} | drawn
    if "history" in scores:
        drawn["learning"] = figures.learning(scores["history"])
    for what, figure in drawn.items():
        page.draw(f"{name}-{what}", figure)
    wrong = _wrong(task, truth, decided, probabilities, rows, scores["thresholds"])
    manifest.write(wrong.drop(columns="recording"), page.folder / "misclassified" / f"{name}.csv")
    first = [row | recordings.media(row["recording"]) for row in wrong.head(listed).to_dict("records")]
    return {
        "name": name,
        "scores": scores,
        "figures": list(drawn),
        "wrong": first,
        "n_wrong": len(wrong),
    }


def _test(name, task, split):
    """truth, decided, probabilities of the test recordings, and a row of the split table for each."""
    table = pd.read_csv(
        PREDICTIONS / name / "probabilities.csv", dtype={"clip_id": str}, keep_default_na=False, lineterminator="\n"
    )
    table = table[table["split"] == "test"]
    clips = split.set_index("clip_id").loc[table["clip_id"]]
    of_clips = clips["source"], task.targets(clips["labels"]), table.iloc[:, 2:].to_numpy(float)
    _, truth, probabilities = by_recording(clips["parent"], *of_clips)
    thresholds = read_json(PREDICTIONS / name / "thresholds.json")
    decided = task.decide(probabilities, [thresholds[c] for c in task.classes])
    return truth, decided, probabilities, clips.drop_duplicates("parent").sort_values("parent")


def _wrong(task, truth, decided, probabilities, rows, thresholds):
    """The misclassified recordings, the most confident first: how far a wrong class is from its threshold."""
    away = np.abs(probabilities - [thresholds[name] for name in task.classes])
    away = np.where(truth != decided, away, 0).max(axis=1)
    wrong = (truth != decided).any(axis=1).nonzero()[0]
    wrong = wrong[np.argsort(-away[wrong], kind="stable")]
    names = np.array(task.classes, dtype=object)
    return pd.DataFrame(
        {
            "recording": rows["parent"].to_numpy()[wrong],
            "path": rows["path"].to_numpy()[wrong],
            "source": rows["source"].to_numpy()[wrong],
            "actual": ["|".join(names[truth[k]]) for k in wrong],
            "predicted": ["|".join(names[decided[k]]) for k in wrong],
            "probability": [round(float(probabilities[k][decided[k]].max(initial=0)), 3) for k in wrong],
        }
    )
