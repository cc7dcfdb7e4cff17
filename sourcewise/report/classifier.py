"""The section of one classifier in the report: scores, figures, and misclassified recordings."""

import numpy as np
import pandas as pd

from sourcewise.core.markdown import span
from sourcewise.core.paths import ENSEMBLE_PREDICTIONS, PREDICTIONS
from sourcewise.datasets import manifest
from sourcewise.evaluation import predictions
from sourcewise.evaluation.choice import ENSEMBLE
from sourcewise.report import figures


def section(name, scores, page, task, clips, recordings, *, listed):
    """Draws its figures; returns its scores, the figures' names, and the first `listed` misclassified recordings."""
    folder = ENSEMBLE_PREDICTIONS if name == ENSEMBLE else PREDICTIONS / name
    test = predictions.of_recordings(folder, clips, task, "test")
    drawn = {
        "roc": figures.roc(test.y_true, test.y_score, task.classes),
        "precision_recall": figures.precision_recall(test.y_true, test.y_score, task.classes),
        "calibration": figures.calibration(scores["probabilities"]["calibration"]["bins"]),
    }
    if task.one_label:
        drawn = {"confusion": figures.confusion(scores["confusion"], task.classes)} | drawn
    if "history" in scores:
        drawn["learning"] = figures.learning(scores["history"])
    for key, figure in drawn.items():
        page.draw(f"{name}-{key}", figure)
    wrong = misclassified(task, test)
    manifest.write(wrong.drop(columns="recording"), page.folder / "misclassified" / f"{name}.csv")
    first = [row | recordings.media(row["recording"]) for row in wrong.head(listed).to_dict("records")]
    thresholds = {of_class: span(of[of_class] for of in scores["thresholds"]) for of_class in task.classes}
    shown = {"name": name, "scores": scores, "thresholds": thresholds, "figures": list(drawn)}
    return shown | {"wrong": first, "n_wrong": len(wrong)}


def misclassified(task, test):
    """The misclassified recordings, the most confident first: by the distance of a wrong class from its threshold."""
    y_true, y_pred, y_score, thresholds, _, _, rows = test
    margin = np.abs(y_score - thresholds)
    margin = np.where(y_true != y_pred, margin, 0).max(axis=1)
    wrong = (y_true != y_pred).any(axis=1).nonzero()[0]
    wrong = wrong[np.argsort(-margin[wrong], kind="stable")]
    names = np.array(task.classes, dtype=object)
    return pd.DataFrame(
        {
            "recording": rows["parent"].to_numpy()[wrong],
            "path": rows["path"].to_numpy()[wrong],
            "source": rows["source"].to_numpy()[wrong],
            "actual": ["|".join(names[y_true[k]]) for k in wrong],
            "predicted": ["|".join(names[y_pred[k]]) for k in wrong],
            "probability": [round(float(y_score[k][y_pred[k]].max(initial=0)), 3) for k in wrong],
        }
    )
