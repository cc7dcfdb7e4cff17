"""The clips, as the tables list them: those of the manifest, and the augmented copies of train clips.

A corpus that is no sound says so in data/clips/modality.json. Of a table of features, data/clips holds the rows; of
log-mel arrays, the frames, and of pictures, the bytes of their files, one behind the other, as samples else are.
"""

import hashlib
from pathlib import Path

import numpy as np

from sourcewise.core.errors import NotRun
from sourcewise.core.paths import AUGMENTED, CLIPS, COPIES
from sourcewise.datasets import manifest
from sourcewise.storage.files import Ragged, read_json, write_json

ROWS = CLIPS / "table.csv"
MODALITY = CLIPS / "modality.json"
#: The kinds of corpora that are no sound, and what is said of what needs sound.
NO_SOUND = {
    "mel": "the corpus is log-mel frames, not sound",
    "table": "the corpus is a table of features, not sound",
    "pictures": "the corpus is pictures, not sound",
}


def modality():
    """What the corpus is: "sound", "mel", "table" or "pictures"."""
    return read_json(MODALITY)["modality"] if MODALITY.is_file() else "sound"


def write_modality(name):
    """Leave it beside the clips; of sound nothing is written."""
    if name != "sound":
        write_json(MODALITY, {"modality": name})


def need_sound():
    """Raises NotRun where the corpus is no sound."""
    if modality() != "sound":
        raise NotRun(NO_SOUND[modality()])


def rows():
    """Of a table of features, its rows in manifest order: clip_id, then the columns of features as their text."""
    import pandas as pd

    return pd.read_csv(ROWS, dtype=str, keep_default_na=False, lineterminator="\n")


def table(reads="manifest"):
    """The rows of data/manifest.csv or data/split.csv, and behind them those of the copies, which are all train."""
    import pandas as pd

    originals, copies = manifest.read(Path("data") / f"{reads}.csv"), manifest.read(COPIES)
    if "split" in originals:
        copies["split"] = "train"
    return pd.concat([originals, copies], ignore_index=True)


def waves(rows):
    """The clips of these rows, a sequence of int16 views; segments of one recording may overlap."""
    return _Waves(rows)


class _Waves:
    def __init__(self, rows):
        starts = rows["start"].to_numpy()
        stops = starts + rows["n_samples"].to_numpy()
        self._copied = (rows["origin"] != "").to_numpy()
        folders = [CLIPS, AUGMENTED] if self._copied.any() else [CLIPS]
        self._pieces = [Ragged.open(folder).between(starts, stops) for folder in folders]

    def __len__(self):
        return len(self._copied)

    def __getitem__(self, row):
        return self._pieces[int(self._copied[row])][row]


def content_hash(y):
    """128 bits of 16-bit samples, little endian on every machine, as hex digits."""
    return hashlib.blake2b(np.ascontiguousarray(y, "<i2"), digest_size=16).hexdigest()
