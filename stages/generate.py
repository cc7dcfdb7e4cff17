"""DVC stage `generate@<name>`: one generator, trained on train clips, its samples as images and sound, and their
scores."""

import pandas as pd

from sourcewise.core import messages, params
from sourcewise.core.command import run
from sourcewise.core.errors import NotRun
from sourcewise.core.paths import EACH, FOLD, GENERATORS, LOSSES, PER_FOLD, SAMPLES
from sourcewise.datasets import manifest
from sourcewise.datasets.folds import Split
from sourcewise.models import entries
from sourcewise.models.adversarial.generate import generate
from sourcewise.storage.files import fresh_folder, write_json


def main(name):
    """Once, or where classifiers train on its clips once for each fold. A generator that cannot run writes why, and the
    others run. The losses and scores are those of the first fold."""
    (module, p), sr = entries.generator(name), params.load(int, "audio.sr")
    model, folder = fresh_folder(GENERATORS / name), fresh_folder(SAMPLES / "generators" / name)
    folds = Split.read().folds if name in PER_FOLD.read_text().splitlines() else [0]
    try:
        results = [
            generate(name, module, p, fold=fold, sr=sr, model=_fold_of(model, fold), folder=_fold_of(folder, fold))
            for fold in folds
        ]
        losses, scores = results[0]
    except NotRun as reason:
        messages.info(f"{name} is not run: {reason}")
        losses, scores = pd.DataFrame(columns=["epoch", "network", "loss"]), {"not_run": str(reason)}
        for path in (model, folder):
            write_json(fresh_folder(path) / "not_run.json", {"reason": str(reason)})
    manifest.write(losses, LOSSES / f"{name}.csv")
    write_json(EACH / "generators" / f"{name}.json", scores)


def _fold_of(folder, fold):
    return fresh_folder(folder / FOLD.format(fold))


if __name__ == "__main__":
    run(main)
