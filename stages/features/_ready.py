"""The features of corpora that are no sound: of a table its own columns, as `table`; of pictures their pixels, as
`png`, at the size of features.png. All others are not run."""

import cv2
import numpy as np

from stages.core import clips, manifest
from stages.core.parallel import each
from stages.core.pictures import pixels
from stages.core.storage import writer


def write(name, table, folder, p, compute):
    """The features `name` of the clips in `table`, in its order, to a folder. Raises NotRun where the corpus, which is
    no sound, has none such."""
    made_from = {"table": "table", "png": "pictures"}
    if made_from.get(name) != clips.kind():
        clips.need_sound()
    (_columns if name == "table" else _pictures)(table, folder, p, compute)


def _columns(table, folder, p, compute):
    """The CSV: filename, the columns as they came, label."""
    rows = clips.rows().set_index("clip_id").loc[table["clip_id"]].reset_index(drop=True)
    rows.insert(0, "filename", table["path"])
    manifest.write(rows.assign(label=table["labels"]), folder / "table.csv")


def _pictures(table, folder, p, compute):
    """Rows of pixels in their own colours: a picture is uint8 (p.height, p.width, 3)."""
    size = p.width, p.height
    with writer(folder, np.uint8, (p.width, 3)) as append:
        for picture in each(lambda data: _resized(data, size), clips.waves(table), what="extract png", compute=compute):
            append(picture)


def _resized(data, size):
    return cv2.resize(pixels(data), size, interpolation=cv2.INTER_AREA)
