"""What generated clips are good for where a class is scarce: python -m benchmarks.scarce

Run where `dvc repro` has run, on a dataset with one label a recording. Of the last class only the train clips of two
sources are kept; of the others all. `lstm` and `cnn` are trained on these alone (their loss is balanced), with the
augmented copies of these, with as many generated clips of the scarce class as make the classes equal, by a generator
that was trained on the same few, and for comparison on all train clips. Prints the recall of the scarce class and the
balanced accuracy on test clips, with its 95 % CI over sources. Minutes.
"""

import numpy as np

from benchmarks.measure import command
from sourcewise.audio.samples import to_float, to_int16
from sourcewise.core import params, registry
from sourcewise.core.markdown import markdown
from sourcewise.core.paths import CONFIG, FEATURES
from sourcewise.datasets.folds import Split
from sourcewise.datasets.task import Task
from sourcewise.evaluation.metrics import score
from sourcewise.models import entries, training
from sourcewise.models.adversarial import training as adversarial
from sourcewise.models.adversarial.inputs import at_rate
from sourcewise.models.examples import Examples, WithGenerated, read_features
from sourcewise.storage.files import Ragged, read_json

GENERATOR, CLASSIFIERS, SOURCES = "cgan_cnn", ("lstm", "cnn"), 2


def main(epochs=60):
    """Print the table. epochs: of the generator."""
    print(__doc__.split("\n\n")[1])
    split, task = Split.with_copies(), Task.read()
    clips, y, part = split.clips, task.targets(split.clips["labels"]), split.parts[:, 0]
    real, scarce = (clips["origin"] == "").to_numpy(), y[:, -1]
    left = sorted(set(clips["source"][(part == "train") & scarce]))[:SOURCES]
    few = (part == "train") & (~scarce | clips["source"].isin(left).to_numpy())
    n_made = int((few & real & ~scarce).sum() // (len(task.classes) - 1) - (few & real & scarce).sum())
    made = _made(y, (few & real).nonzero()[0], task, n_made, epochs)
    trained_on = {
        f"few of {task.classes[-1]!r}": (few & real, []),
        "and augmented copies": (few, []),
        f"and {n_made} generated clips": (few & real, made),
        "all train clips": ((part == "train") & real, []),
    }
    validation, test = ((part == name).nonzero()[0] for name in ("validation", "test"))
    rows = []
    for name in CLASSIFIERS:
        module, p = entries.classifier(name)
        for title, (train, extra) in trained_on.items():
            x = read_features(p.features)
            if len(extra):
                features, labels = _features(p.features, extra), [task.classes[-1]] * len(extra)
                x = WithGenerated(x._values, x._starts, x._stops, features, labels)
            examples = Examples(x, y, clips["source"].to_numpy())
            model = training.fit(module, examples.take(train.nonzero()[0]), examples.take(validation), task, p)
            y_pred = task.decide(model.predict(examples.x_of(test)))
            of = score(y[test], y_pred, examples.sources[test])["balanced_accuracy"]
            recall = y_pred[scarce[test], -1].mean()
            rows.append([name, title, f"{recall:.3f}", f"{of['value']:.3f}", f"{of['low']:.3f} to {of['high']:.3f}"])
    header = ["classifier", "trained on", f"recall of {task.classes[-1]}", "balanced accuracy", "95 % CI"]
    print(markdown(header, rows))


def _made(y, rows, task, n, epochs):
    """n clips of the last class at audio.sr, by a generator that was trained on these rows."""
    content = params.read_yaml(params.PARAMS)
    content["generators"][GENERATOR]["training"]["epochs"] = epochs
    module, p = entries.generator(GENERATOR, content)
    clips, sr = read_features(p.features), params.load(int, "audio.sr")
    model, _, _ = adversarial.fit(module, clips.take(rows), y[rows], list(task.classes), p)
    wanted = np.tile(np.eye(len(task.classes), dtype=np.float32)[-1], (n, 1))
    samples = model.make(wanted, np.random.default_rng(0))
    return [to_int16(at_rate(np.clip(p.wave(sample), -1, 1), p.sr, sr)) for sample in samples]


def _features(name, clips):
    """As the stage `extract` makes them."""
    config, module = read_json(FEATURES / name / CONFIG), registry.module("features", name)
    p, sr = params.check(module.Params, config["params"], name), config["audio"]["sr"]
    return Ragged.of([module.extract(to_float(clip), sr=sr, p=p) for clip in clips])


if __name__ == "__main__":
    command(main)
