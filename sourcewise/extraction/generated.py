"""DVC stage `enlarge@<generator>`: the MFCC of generated clips, which a classifier has beside those of the real ones of
train.

They are computed as those in data/features/mfcc were. The folder names these and holds their hash, so that whatever
reads it runs again when they change.
"""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd

from stages.core import manifest, params, registry
from stages.core.command import run
from stages.core.storage import FEATURES, Ragged, digest_of, fresh_folder, read_json, write_digest, write_json, writer

GENERATED = Path("data/generated")
REAL = "mfcc"


def main(name):
    """Where the generator did not run, or makes no clips, this is handed on."""
    made, folder = GENERATED / name, fresh_folder(FEATURES / f"{REAL}_{name}")
    reason = _why_not(made, name)
    if reason:
        write_json(folder / "not_run.json", {"reason": reason})
    else:
        _enlarge(made, folder)
    write_digest(folder)


def _enlarge(made, folder):
    kind, how = registry.module("features", REAL), read_json(FEATURES / REAL / "how.json")
    p, sr = params.check(kind.Params, how["params"], f"{FEATURES / REAL}/how.json"), how["audio"]["sr"]
    with writer(folder, kind.DTYPE, kind.width(p)) as append:
        for clip in Ragged.open(made / "clips"):
            append(kind.extract(clip.astype(np.float32) / 32768, sr=sr, p=p))
    labels = pd.read_csv(made / "clips.csv", dtype=str, keep_default_na=False, lineterminator="\n")
    manifest.write(labels[["clip_id", "labels", "origin"]], folder / "labels.csv")
    write_json(folder / "beside.json", {"features": REAL, "sha256": digest_of(FEATURES / REAL)})
    shutil.copyfile(FEATURES / REAL / "how.json", folder / "how.json")  # for `predict`


def _why_not(made, name):
    if (made / "not_run.json").is_file():
        return f"{name} did not run: {read_json(made / 'not_run.json')['reason']}"
    return "" if (made / "clips").is_dir() else f"{name} makes pictures, not clips"


if __name__ == "__main__":
    run(main)
