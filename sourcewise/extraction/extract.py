"""DVC stage `extract@<name>`: one representation of every clip, in manifest order, then of every augmented copy.

Where `denoise.apply` names a denoiser, each clip loses its noise first. What cannot be made of a corpus that is no
sound says so, and so do its classifiers.
"""

import re
from functools import partial

import numpy as np

from stages.core import clips, code, params, pieces, registry
from stages.core.command import run
from stages.core.memo import blocks, digest, kept, singly
from stages.core.parallel import ComputeParams
from stages.core.params import AudioParams
from stages.core.stop import NotRun, Stop
from stages.core.storage import FEATURES, fresh_folder, write_digest, write_json
from stages.denoisers._applied import applied
from stages.features import _ready


def main(name):
    """Frames, samples and pixels go to flat files, rows of numbers to a CSV."""
    kind = registry.module("features", name)
    p, applies = params.load(kind.Params, f"features.{name}"), params.load(str, "denoise.apply")
    table, compute = clips.table(p.reads), params.load(ComputeParams, "compute")
    if clips.kind() == "sound":
        _of_sound(name, kind, p, table, applied(applies), compute)
    elif applies == "none":
        _of_others(name, p, table, compute)
    else:
        raise Stop(f"extract: denoise.apply is {applies!r}, but {clips.NO_SOUND[clips.kind()]}: set it to none")


def _of_others(name, p, table, compute):
    folder = fresh_folder(FEATURES / name)
    try:
        _ready.write(name, table, folder, p, compute)
        write_json(folder / "how.json", {"kind": name, "params": p.model_dump(), "corpus": clips.kind()})
    except NotRun as reason:
        print(f"extract: {name} is not run: {reason}")
        write_json(folder / "not_run.json", {"reason": str(reason)})
    write_digest(folder)


def _of_sound(name, kind, p, table, denoiser, compute):
    """What is known of a clip is not computed."""
    folder, sr = FEATURES / name, params.load(int, "audio.sr")
    if denoiser is not None:
        compute = compute.model_copy(update={"backend": "threads"})  # networks do not travel to other machines
    made_of = [] if denoiser is None else denoiser.made_of
    version = digest(*map(code.of, ("audio", "features", "extract.py")), p, sr, *made_of)
    how = {"store": f"{name}-{version}", "what": f"extract {name}", "compute": compute}
    keys = list(map(bytes.fromhex, table["hash"].tolist()))
    every = clips.waves(table), keys
    work, known = partial(_extract, kind.extract, sr, p, denoiser), {}
    if hasattr(kind, "COLUMNS"):
        _write_table(table, blocks(partial(_line, work), *every, **how), kind.COLUMNS, fresh_folder(folder))
    elif hasattr(kind, "fit"):
        with kept(work, *every, **how) as found:
            known = _write_fitted(found, table, keys, folder, kind, p, how)
    else:
        work = partial(_bytes, work, kind.DTYPE)
        known = _write(work, lambda rows: clips.waves(table.iloc[rows]), table, keys, folder, kind, p, how)
    audio, min_s = params.load(AudioParams, "audio"), params.load(float, "ingest.min_s")
    made = {"kind": name, "params": p.model_dump(), "audio": audio.model_dump(), "min_s": min_s}
    made["denoiser"] = None if denoiser is None else denoiser.how
    write_json(folder / "how.json", made)  # for `predict`
    write_digest(folder, known)


def _extract(extract, sr, p, denoiser, clip):
    y = np.multiply(clip, np.float32(1 / 32768), dtype=np.float32)  # at once, and exact
    return extract(y if denoiser is None else denoiser(y, sr), sr=sr, p=p)


def _bytes(work, dtype, clip):
    """As they lie in the file, uint8 (n_bytes,)."""
    return np.ascontiguousarray(work(clip), dtype).reshape(-1).view(np.uint8)


def _write(function, items, table, keys, folder, kind, p, how):
    """function(item), bytes, of each item in items(rows of the table); returns the digests of the files."""

    def made(rows):
        return blocks(function, items(rows), [keys[row] for row in rows], **how)

    layout = {"dtype": kind.DTYPE, "width": kind.width(p)}
    return pieces.write(folder, table, keys, made, **layout, version=how["store"], compute=how["compute"])


def _write_fitted(found, table, keys, folder, kind, p, how):
    """What `extract` gave of each clip is finished with what is fitted on train; returns as `_write`."""
    store = how["store"]
    how = how | {"compute": how["compute"].model_copy(update={"backend": "threads"})}  # where `found` lies

    def extremes(row):
        return kind.extremes(found[row]).tobytes()

    def finished(row):
        return kind.finish(found[row], **fitted).tobytes()

    train = (table["split"] == "train").to_numpy().nonzero()[0]
    of_train = blocks(extremes, train, [keys[row] for row in train], **how | {"store": f"{store}-extremes"})
    fitted = kind.fit(np.frombuffer(b"".join([bytes(data) for data, _ in of_train])).reshape(len(train), -1), p)
    how["store"] = f"{store}-{digest(fitted)}"
    known = _write(finished, list, table, keys, folder, kind, p, how)
    kind.describe(folder, fitted, p)
    return known


def _line(work, clip):
    """As they stand in the table."""
    length, *numbers = work(clip).tolist()
    return ",".join(map(repr, [int(length), *numbers])).encode()


def _write_table(clips_of, found, columns, folder):
    """A row a clip: the recording's path where the clip is all of it, else the clip's own name; then the numbers."""
    whole = clips_of["clip_id"] == clips_of["parent"]
    names = clips_of["path"].where(whole, clips_of["clip_id"]).tolist()
    quoted = {labels: _quoted(labels) for labels in clips_of["labels"].unique()}
    rows = zip(map(_quoted, names), singly(found), clips_of["labels"].map(quoted).tolist(), strict=True)
    with open(folder / "table.csv", "w", encoding="utf-8", newline="\n") as file:
        file.write(",".join(["filename", *columns, "label\n"]))
        file.writelines(f"{name},{str(numbers, 'ascii')},{label}\n" for name, numbers, label in rows)


def _quoted(text):
    return '"' + text.replace('"', '""') + '"' if re.search('[,"\r\n]', text) else text


if __name__ == "__main__":
    run(main)
