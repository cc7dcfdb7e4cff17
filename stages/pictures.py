"""DVC stage `pictures`: the mel pictures as files, data/pictures/<split>/<class>/<clip>.png, to look through.

Keras' image_dataset_from_directory reads them, too. No stage trains on them: thousands of small files are slow to
track, and data/features/png holds the same pixels in one.
"""

import re
from hashlib import blake2b
from pathlib import Path

import numpy as np

from stages.audio.picture import png
from stages.core import clips
from stages.core.command import run
from stages.core.progress import progress
from stages.core.storage import FEATURES, Ragged, fresh_folder

PICTURES = Path("data/pictures")


def main():
    """One file a clip, and one a copy of a train clip."""
    table, pixels = clips.table("split"), Ragged.open(FEATURES / "png")
    palette = np.load(FEATURES / "png" / "colours.npy", allow_pickle=False)
    folder = fresh_folder(PICTURES)
    rows = zip(table["split"], table["labels"], table["clip_id"], pixels, strict=True)
    for split, labels, clip_id, picture in progress(rows, total=len(table), what="pictures", unit="clip"):
        place = folder / split / folder_name(labels)
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{clip_id}.png").write_bytes(png(picture, palette))


def folder_name(labels):
    """Labels as the name of a folder: what no file system takes stands as % and two hexadecimal digits; long ones are
    cut and end in a hash; no label is a single %."""
    name = re.sub(r'[/\\:*?"<>|%\x00-\x1f]|^\.|[. ]$', lambda found: f"%{ord(found[0]):02X}", labels) or "%"
    if len(name.encode()) > 200:
        name = name.encode()[:180].decode(errors="ignore") + "-" + blake2b(labels.encode(), digest_size=5).hexdigest()
    return name


if __name__ == "__main__":
    run(main)
