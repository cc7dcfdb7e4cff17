"""DVC stage `extract@<name>`: one representation of every clip, in manifest order, then of every augmented copy."""

from functools import partial

import numpy as np
import pandas as pd

from stages.core import clips, code, manifest, params, registry
from stages.core.command import run
from stages.core.memo import digest, remembered
from stages.core.parallel import ComputeParams
from stages.core.params import AudioParams
from stages.core.storage import FEATURES, Ragged, fresh_folder, scratch, write_json, writer


def main(name):
    """Frames and samples go to one flat file, rows of numbers to a CSV; what is known of a clip is not computed."""
    kind = registry.module("features", name)
    p = params.load(kind.Params, f"features.{name}")
    table = clips.table(p.reads)
    found = _extracted(name, kind, p, table)
    folder = FEATURES / name
    if hasattr(kind, "COLUMNS"):
        _write_table(table, np.stack(list(found)), kind.COLUMNS, fresh_folder(folder) / "table.csv")
    elif hasattr(kind, "finish"):
        with scratch(name) as draft:
            _write(draft, found, kind, p)
            kind.finish(Ragged.open(draft), folder, train=(table["split"] == "train").to_numpy().nonzero()[0], p=p)
    else:
        _write(folder, found, kind, p)
    how = {"audio": params.load(AudioParams, "audio").model_dump(), "min_s": params.load(float, "ingest.min_s")}
    write_json(folder / "how.json", {"kind": name, "params": p.model_dump(), **how})


def _extracted(name, kind, p, table):
    sr, compute = params.load(int, "audio.sr"), params.load(ComputeParams, "compute")
    version = digest(code.of("audio"), code.of("features"), p, sr)
    keys = [bytes.fromhex(content) for content in table["hash"]]
    if not getattr(kind, "REMEMBERED", True):
        compute = compute.model_copy(update={"cache_gb": 0})
    how = {"store": f"{name}-{version}", "what": f"extract {name}", "compute": compute}
    return remembered(partial(_extract, kind.extract, sr, p), clips.waves(table), keys, **how)


def _extract(extract, sr, p, clip):
    return extract(clip.astype(np.float32) / 32768, sr=sr, p=p)


def _write(folder, found, kind, p):
    with writer(folder, kind.DTYPE, kind.width(p)) as append:
        for values in found:
            append(values)


def _write_table(clips_of, rows, columns, path):
    """A row a clip: the recording's path where the clip is all of it, else the clip's own name; then the numbers."""
    table = pd.DataFrame(rows, columns=columns).astype({"length": "int64"})
    whole = clips_of["clip_id"] == clips_of["parent"]
    table.insert(0, "filename", clips_of["path"].where(whole, clips_of["clip_id"]))
    manifest.write(table.assign(label=clips_of["labels"]), path)


if __name__ == "__main__":
    run(main)
