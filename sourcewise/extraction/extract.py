"""One representation of every clip: a cached map over the clips, then one of two writers."""

import re
from functools import partial

import numpy as np

from sourcewise.audio.samples import to_float
from sourcewise.compute.cached_map import blocks
from sourcewise.core import messages
from sourcewise.core.errors import NotRun
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
    try:
        columns = module.columns(p) if module.GIVES == "vector" else None
    except NotRun as reason:
        messages.info(f"{name} is not run: {reason}")
        write_json(fresh_folder(folder) / "not_run.json", {"reason": str(reason)})
        return write_digest(folder)
    if denoiser is not None:
        compute = compute.model_copy(update={"backend": "threads"})  # networks are not sent to other machines
    uses = [] if denoiser is None else denoiser.depends_on
    uses = [*uses, fingerprints.packages(module.PACKAGES)] if hasattr(module, "PACKAGES") else uses
    code = fingerprints.of("sourcewise/audio"), fingerprints.of("sourcewise/features", CODE)
    store = f"{name}-{digest(*code, p, audio.sr, *uses)}"
    keys = list(map(bytes.fromhex, table["hash"].tolist()))
    features = partial(_features, module.extract, audio.sr, p, denoiser)
    work = partial(_line, features) if module.GIVES == "vector" else partial(_bytes, features, module.DTYPE)

    def made(rows):
        waves = clips.waves(table.iloc[rows])
        return blocks(work, waves, [keys[row] for row in rows], store=store, title=f"extract {name}", compute=compute)

    known = {}
    if module.GIVES == "vector":
        _write_table(table, made(range(len(table))), columns, fresh_folder(folder))
    else:
        layout = {"dtype": module.DTYPE, "width": module.width(p)}
        known = shards.write(folder, table, keys, made, **layout, version=store, compute=compute)
    if module.GIVES == "image":
        module.describe(folder, p)
    config = {"features": name, "params": p.model_dump(), "audio": audio.model_dump(), "min_s": min_s}
    config["denoiser"] = None if denoiser is None else denoiser.config
    write_json(folder / CONFIG, config)  # for `predict`
    write_digest(folder, known)


def _bytes(features, dtype, clip):
    """Of a clip, as in the file, uint8 (n_bytes,)."""
    return np.ascontiguousarray(features(clip), dtype).reshape(-1).view(np.uint8)


def _line(features, clip):
    """The numbers of a clip as in the table."""
    length, *numbers = features(clip).tolist()
    return ",".join(map(repr, [int(length), *numbers])).encode()


def _features(extract, sr, p, denoiser, clip):
    y = to_float(clip)
    return extract(y if denoiser is None else denoiser(y, sr), sr=sr, p=p)


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
