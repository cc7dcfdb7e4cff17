"""The clips in the order of their tables: those of the manifest, then the augmented copies of train clips.

data/clips/modality.json names the modality of a dataset that is not sound. In the place of samples, data/clips then
holds the rows of a table of features, the frames of log-mel arrays, or the bytes of picture files.
"""

import hashlib

import numpy as np

from sourcewise.core.errors import NotRun
from sourcewise.core.paths import AUGMENTED, CLIPS, COPIES
from sourcewise.datasets import manifest
from sourcewise.storage.files import Ragged, read_json, write_json

ROWS = CLIPS / "table.csv"
MODALITY = CLIPS / "modality.json"
#: The modalities that are not sound, and why an entry that needs sound does not run.
NO_SOUND = {
    "mel": "the dataset is log-mel frames, not sound",
    "table": "the dataset is a table of features, not sound",
    "pictures": "the dataset is pictures, not sound",
}


def modality():
    """The dataset's modality: "sound", "mel", "table" or "pictures"."""
    return read_json(MODALITY)["modality"] if MODALITY.is_file() else "sound"


def write_modality(name):
    """Write it beside the clips; for sound nothing is written."""
    if name != "sound":
        write_json(MODALITY, {"modality": name})


def need_sound():
    """Raises NotRun where the dataset is not sound."""
    if modality() != "sound":
        raise NotRun(NO_SOUND[modality()])


def rows():
    """The rows of a table of features in manifest order: clip_id, then the feature columns as text."""
    import pandas as pd

    return pd.read_csv(ROWS, dtype=str, keep_default_na=False, lineterminator="\n")


def table():
    """The rows of data/manifest.csv, then those of the copies."""
    import pandas as pd

    return pd.concat([manifest.read(), manifest.read(COPIES)], ignore_index=True)


def waves(rows):
    """The clips of these rows, a sequence of int16 views; segments of one recording may overlap."""
    return _Waves(rows)


class _Waves:
    def __init__(self, rows):
        starts = rows["start"].to_numpy()
        stops = starts + rows["n_samples"].to_numpy()
        self._copied = (rows["origin"] != "").to_numpy()
        folders = [CLIPS, AUGMENTED] if self._copied.any() else [CLIPS]
        self._stores = [Ragged.open(folder).between(starts, stops) for folder in folders]

    def __len__(self):
        return len(self._copied)

    def __getitem__(self, row):
        return self._stores[int(self._copied[row])][row]


def content_hash(y):
    """128 bits of 16-bit samples, little endian on every machine, as hex digits."""
    return hashlib.blake2b(np.ascontiguousarray(y, "<i2"), digest_size=16).hexdigest()
