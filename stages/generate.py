"""DVC stage `generate@<name>`: one generator, trained on train clips, its samples as images and sound, and their
scores."""

import pandas as pd

from sourcewise.core import messages, params
from sourcewise.core.command import run
from sourcewise.core.errors import NotRun
from sourcewise.core.paths import EACH, GENERATORS, LOSSES, SAMPLES
from sourcewise.datasets import manifest
from sourcewise.models import entries
from sourcewise.models.adversarial.generate import generate
from sourcewise.storage.files import fresh_folder, write_json


def main(name):
    """A generator that cannot run writes why, and the others run."""
    (module, p), sr = entries.generator(name), params.load(int, "audio.sr")
    model, folder = fresh_folder(GENERATORS / name), fresh_folder(SAMPLES / "generators" / name)
    try:
        losses, scores = generate(name, module, p, sr=sr, model=model, folder=folder)
    except NotRun as reason:
        messages.info(f"{name} is not run: {reason}")
        losses, scores = pd.DataFrame(columns=["epoch", "network", "loss"]), {"not_run": str(reason)}
        for path in (model, folder):
            write_json(fresh_folder(path) / "not_run.json", {"reason": str(reason)})
    manifest.write(losses, LOSSES / f"{name}.csv")
    write_json(EACH / "generators" / f"{name}.json", scores)


if __name__ == "__main__":
    run(main)
