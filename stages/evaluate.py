"""DVC stage `evaluate@<name>`: scores of the stored predictions of one classifier. Needs no model."""

from sourcewise.core import params
from sourcewise.core.command import run
from sourcewise.core.paths import EACH, PREDICTIONS
from sourcewise.datasets.folds import Split
from sourcewise.datasets.task import Task
from sourcewise.evaluation import predictions
from sourcewise.evaluation.evaluate import EvaluateParams, scores_of
from sourcewise.storage.files import write_json


def main(name):
    """Write the scores, or the reason where the classifier did not run."""
    p, folder = params.load(EvaluateParams, "evaluate"), PREDICTIONS / name
    reason = predictions.not_run(folder)
    scores = {"not_run": reason} if reason else scores_of(folder, Split.read().clips, Task.read(), p)
    write_json(EACH / "classifiers" / f"{name}.json", scores)


if __name__ == "__main__":
    run(main)
