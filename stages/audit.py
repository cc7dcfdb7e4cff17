"""DVC stage `audit`: what the score would be, had clips of one source stood on both sides of the split."""

from functools import partial

from pydantic import Field, NonNegativeInt

from stages.core import manifest, params
from stages.core.command import run
from stages.core.examples import Examples, read_features
from stages.core.manifest import SPLIT
from stages.core.params import Section
from stages.core.storage import write_json
from stages.core.task import Task
from stages.scoring.leakage import gap
from stages.zoo import logreg, svm

AUDIT = "metrics/audit.json"
REFERENCES = {"svm": svm, "logreg": logreg}


class AuditParams(Section):
    """`audit`: the number of folds (fewer where a class has fewer sources)."""

    folds: int = Field(ge=2)
    seed: NonNegativeInt


def main():
    """Both reference classifiers, with the parameters that `train` uses, on every clip of the corpus."""
    p = params.load(AuditParams, "audit")
    clips, task = manifest.read(SPLIT), Task.read()
    targets = task.targets(clips["labels"])
    fewest = min(clips["source"][targets[:, k]].nunique() for k in range(len(task.classes)))
    folds = min(p.folds, fewest)
    how = {"folds": folds, "seed": p.seed}
    leakage = {}
    for name, zoo in REFERENCES.items():
        model = params.classifier(zoo.Params, name)
        x = read_features(model.input)
        fit = partial(_fit, zoo, model, Examples(x, targets, clips["source"].to_numpy()), task)
        leakage[name] = gap(fit, clips["clip_id"], clips["source"], targets, task, **how)
    write_json(AUDIT, {"folds": folds, "sources": clips["source"].nunique(), "leakage": leakage})


def _fit(zoo, p, examples, task, rows):
    model = zoo.fit(examples.take(rows), None, task, p)
    return lambda held: model.predict(examples.x_of(held))


if __name__ == "__main__":
    run(main)
