"""DVC stage `extract@<name>`: one representation of every clip, in manifest order."""

from functools import partial

import numpy as np
import pandas as pd

from stages.core import manifest, params, registry
from stages.core.command import run
from stages.core.manifest import MANIFEST
from stages.core.parallel import ComputeParams, each
from stages.core.params import AudioParams
from stages.core.storage import CLIPS, FEATURES, Ragged, fresh_folder, writer


def main(name):
    """Frames go to one flat file, rows of numbers to a CSV."""
    kind = registry.module("features", name)
    p = params.load(kind.Params, f"features.{name}")
    sr = params.load(AudioParams, "audio").sr
    compute = params.load(ComputeParams, "compute")
    folder = FEATURES / name
    found = each(partial(_extract, kind.extract, sr, p), Ragged.open(CLIPS), what=f"extract {name}", compute=compute)
    if hasattr(kind, "COLUMNS"):
        clips = manifest.read(MANIFEST)
        table = pd.DataFrame(np.stack(list(found)), columns=kind.COLUMNS).astype({"length": "int64"})
        table.insert(0, "filename", clips["path"])
        fresh_folder(folder)
        manifest.write(table.assign(label=clips["labels"]), folder / "table.csv")
        return
    with writer(folder, np.float32, (kind.width(p),)) as append:
        for frames in found:
            append(frames)


def _extract(extract, sr, p, clip):
    return extract(clip.astype(np.float32) / 32768, sr=sr, p=p)


if __name__ == "__main__":
    run(main)
