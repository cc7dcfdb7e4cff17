"""The MFCC of generated clips, which a classifier trains on in addition to the real clips of train.

They are computed with the settings of data/features/mfcc. The folder holds the digest of that folder, so that its
readers rerun when the real features change.
"""

import shutil

import pandas as pd

from sourcewise.audio.samples import to_float
from sourcewise.core import params, registry
from sourcewise.core.paths import CONFIG, FEATURES, SAMPLES, folds_of
from sourcewise.datasets import manifest
from sourcewise.storage.files import Ragged, digest_of, fresh_folder, read_json, write_digest, write_json, writer

REAL = "mfcc"


def extract_generated(name, samples=None):
    """Write data/features/mfcc_<generator>: the MFCC of its clips, and which real features they belong to; or why
    there are none. samples: their folder, where they do not yet lie in data/samples."""
    samples, folder = samples or SAMPLES / "generators" / name, fresh_folder(FEATURES / f"{REAL}_{name}")
    reason = _why_not(samples, name)
    if reason:
        write_json(folder / "not_run.json", {"reason": reason})
    else:
        _extract(samples, folder)
    write_digest(folder)


def _extract(samples, folder):
    module, config = registry.module("features", REAL), read_json(FEATURES / REAL / CONFIG)
    p, sr = params.check(module.Params, config["params"], f"{FEATURES / REAL}/{CONFIG}"), config["audio"]["sr"]
    for of_fold in folds_of(samples):
        to = fresh_folder(folder / of_fold.name)
        with writer(to, module.DTYPE, module.width(p)) as append:
            for clip in Ragged.open(of_fold / "clips"):
                append(module.extract(to_float(clip), sr=sr, p=p))
        labels = pd.read_csv(of_fold / "clips.csv", dtype=str, keep_default_na=False, lineterminator="\n")
        manifest.write(labels[["clip_id", "labels", "origin"]], to / "labels.csv")
    write_json(folder / "real.json", {"features": REAL, "sha256": digest_of(FEATURES / REAL)})
    shutil.copyfile(FEATURES / REAL / CONFIG, folder / CONFIG)  # for `predict`


def _why_not(samples, name):
    if (samples / "not_run.json").is_file():
        return f"{name} did not run: {read_json(samples / 'not_run.json')['reason']}"
    return "" if (folds_of(samples)[0] / "clips").is_dir() else f"{name} makes images, not clips"
