"""The tables that stages pass on: the manifest, the split, the probabilities. All are sorted CSV files."""

import hashlib
import re
import unicodedata
from collections import defaultdict

from sourcewise.core.errors import Stop
from sourcewise.core.paths import MANIFEST
from sourcewise.storage.files import fresh

#: One row a clip, sorted by clip_id. `start` and `n_samples`: its position in the values of data/clips (see clips.py; 0
#: for a table, as are duration and sample rates without sound); `path`: of its recording in the dataset; `parent`: the
#: recording that it was cut from; `hash`: of its samples (blake2b); `origin`: the clip that it is a copy of; `given`:
#: its part or fold in the dataset's own split.
COLUMNS = [
    *("clip_id", "path", "labels", "source", "parent", "start", "n_samples", "duration_s", "sr", "sr_original"),
    *("hash", "origin", "given"),
]
#: One row an event of a clip, in seconds from its start; none where the dataset gives no times.
EVENT_COLUMNS = ["clip_id", "onset_s", "offset_s", "label"]
SPLITS = ("train", "validation", "test")


def clip_id(path):
    """A name for the recording at `path` (relative to its dataset, with "/"): safe as a file name, and independent of
    where the dataset lies and what else it holds. A readable part, then 40 bits of a hash of the path."""
    path = nfc(path)
    readable = re.sub(r"[^A-Za-z0-9]+", "_", path.rsplit(".", 1)[0]).strip("_")[-40:].strip("_")
    digest = hashlib.blake2b(path.encode("utf-8", "surrogateescape"), digest_size=5).hexdigest()
    return f"{readable}-{digest}" if readable else digest


def segment_id(parent, k):
    """A name for segment k of the recording `parent`."""
    return f"{parent}-{k:05d}"


def nfc(name):
    """A name in Unicode form NFC, whichever the file system uses, so that one speaker does not become two sources."""
    return unicodedata.normalize("NFC", name)


def read(path=MANIFEST):
    """A table of strings and numbers; no name ("NA", "null", "nan") is read as a missing value."""
    import pandas as pd

    types = defaultdict(lambda: str, dict.fromkeys(["duration_s", "similarity", "onset_s", "offset_s"], "float64"))
    types |= dict.fromkeys(["start", "n_samples", "sr", "sr_original"], "int64")
    try:
        return pd.read_csv(path, dtype=types, keep_default_na=False, lineterminator="\n")  # names may hold a \r
    except (ValueError, OverflowError) as error:
        raise Stop(f"{path} is damaged ({' '.join(str(error).split())}): remove it, then `dvc repro`") from None


def write(table, path):
    """Write a table as CSV; equal tables give equal bytes on any system."""
    table.to_csv(fresh(path), index=False, lineterminator="\n", encoding="utf-8")


def is_cut(split):
    """Whether any recording of a split table has more than one clip."""
    return bool(split["parent"].duplicated().any())
