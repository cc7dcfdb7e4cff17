"""One representation of every clip: a cached map over the clips, then one of two writers."""

import re
from functools import partial

import numpy as np

from sourcewise.audio.samples import to_float
from sourcewise.compute.cached_map import blocks, cached_sequence
from sourcewise.core.paths import CONFIG, FEATURES
from sourcewise.datasets import clips
from sourcewise.storage import fingerprints, shards
from sourcewise.storage.files import fresh_folder, write_digest, write_json
from sourcewise.storage.fingerprints import digest
from sourcewise.storage.serialise import singly

CODE = "sourcewise/extraction/extract.py"


def extract(name, module, p, table, *, audio, min_s, denoiser, compute):
    """Write data/features/<name>: one representation of each clip in a table, in its order; cached ones are not
    computed. Frames, samples and pixels go to flat files, rows of numbers to a CSV.

    module, p: of the representation; denoiser: applied to each clip first, or None; min_s: for `predict`.
    """
    folder = FEATURES / name
    if denoiser is not None:
        compute = compute.model_copy(update={"backend": "threads"})  # networks are not sent to other machines
    uses = [] if denoiser is None else denoiser.depends_on
    version = digest(
        fingerprints.of("sourcewise/audio"), fingerprints.of("sourcewise/features", CODE), p, audio.sr, *uses
    )
    cache = {"store": f"{name}-{version}", "title": f"extract {name}", "compute": compute}
    keys = list(map(bytes.fromhex, table["hash"].tolist()))
    work = partial(_extract, module.extract, audio.sr, p, denoiser)
    known = {}
    if module.GIVES == "vector":
        rows = blocks(partial(_line, work), clips.waves(table), keys, **cache)
        _write_table(table, rows, module.COLUMNS, fresh_folder(folder))
    elif module.GIVES == "image":
        with cached_sequence(work, clips.waves(table), keys, **cache) as arrays:
            known = _write_fitted(arrays, table, keys, folder, module, p, cache)
    else:
        work = partial(_bytes, work, module.DTYPE)
        known = _write(work, lambda rows: clips.waves(table.iloc[rows]), table, keys, folder, module, p, cache)
    config = {"features": name, "params": p.model_dump(), "audio": audio.model_dump(), "min_s": min_s}
    config["denoiser"] = None if denoiser is None else denoiser.config
    write_json(folder / CONFIG, config)  # for `predict`
    write_digest(folder, known)


def _extract(extract, sr, p, denoiser, clip):
    y = to_float(clip)
    return extract(y if denoiser is None else denoiser(y, sr), sr=sr, p=p)


def _bytes(work, dtype, clip):
    """The features as in the file, uint8 (n_bytes,)."""
    return np.ascontiguousarray(work(clip), dtype).reshape(-1).view(np.uint8)


def _write(function, items, table, keys, folder, module, p, cache):
    """function(item), bytes, of each item in items(rows of the table); returns the digests of the files."""

    def made(rows):
        return blocks(function, items(rows), [keys[row] for row in rows], **cache)

    layout = {"dtype": module.DTYPE, "width": module.width(p)}
    return shards.write(folder, table, keys, made, **layout, version=cache["store"], compute=cache["compute"])


def _write_fitted(arrays, table, keys, folder, module, p, cache):
    """Finish the arrays of `extract` with what is fitted on train, and write them; returns as `_write`."""
    store = cache["store"]
    cache = cache | {
        "compute": cache["compute"].model_copy(update={"backend": "threads"})
    }  # on the machine that holds the arrays

    def extremes(row):
        return module.extremes(arrays[row]).tobytes()

    def finished(row):
        return module.finish(arrays[row], **fitted).tobytes()

    train = (table["split"] == "train").to_numpy().nonzero()[0]
    of_train = blocks(extremes, train, [keys[row] for row in train], **cache | {"store": f"{store}-extremes"})
    fitted = module.fit(np.frombuffer(b"".join([bytes(data) for data, _ in of_train])).reshape(len(train), -1), p)
    cache["store"] = f"{store}-{digest(fitted)}"
    known = _write(finished, list, table, keys, folder, module, p, cache)
    module.describe(folder, fitted, p)
    return known


def _line(work, clip):
    """The numbers as in the table."""
    length, *numbers = work(clip).tolist()
    return ",".join(map(repr, [int(length), *numbers])).encode()


def _write_table(table, results, columns, folder):
    """A row a clip: the recording's path if the clip is the whole recording, else the clip's name; then the numbers."""
    whole = table["clip_id"] == table["parent"]
    names = table["path"].where(whole, table["clip_id"]).tolist()
    quoted = {labels: _quoted(labels) for labels in table["labels"].unique()}
    rows = zip(map(_quoted, names), singly(results), table["labels"].map(quoted).tolist(), strict=True)
    with open(folder / "table.csv", "w", encoding="utf-8", newline="\n") as file:
        file.write(",".join(["filename", *columns, "label\n"]))
        file.writelines(f"{name},{str(numbers, 'ascii')},{label}\n" for name, numbers, label in rows)


def _quoted(text):
    return '"' + text.replace('"', '""') + '"' if re.search('[,"\r\n]', text) else text
