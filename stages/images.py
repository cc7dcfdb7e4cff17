"""DVC stage `images`: those of data/features/png as files, data/images/<split>/<class>/<clip>.png, to look through.

Keras' image_dataset_from_directory reads them, too. No stage trains on them: thousands of small files are slow to
track, and data/features/png holds the same pixels in one.
"""

import re
from functools import partial
from hashlib import blake2b

import cv2

from sourcewise.audio.mel_image import png
from sourcewise.compute.progress import progress
from sourcewise.core.command import run
from sourcewise.core.errors import NotRun
from sourcewise.core.paths import FEATURES, IMAGES
from sourcewise.datasets import clips
from sourcewise.models.examples import Images, read_features
from sourcewise.storage.files import Ragged, fresh_folder, read_array, write_json


def main():
    """One file a clip, and one a copy of a train clip."""
    table, folder = clips.table("split"), fresh_folder(IMAGES)
    try:
        pixels, encode = read_features("png"), _png
    except NotRun as reason:
        write_json(folder / "not_run.json", {"reason": str(reason)})
        return
    if isinstance(pixels, Images):  # numbers of colours make small files
        pixels, palette = Ragged.open(FEATURES / "png"), read_array(FEATURES / "png" / "colours.npy")
        encode = partial(png, palette=palette)
    rows = zip(table["split"], table["labels"], table["clip_id"], pixels, strict=True)
    for split, labels, clip_id, picture in progress(rows, total=len(table), what="images", unit="clip"):
        place = folder / split / folder_name(labels)
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{clip_id}.png").write_bytes(encode(picture))


def _png(picture):
    return cv2.imencode(".png", picture[:, :, ::-1])[1].tobytes()


def folder_name(labels):
    """Labels as the name of a folder: what no file system takes stands as % and two hexadecimal digits; long ones are
    cut and end in a hash; no label is a single %."""
    name = re.sub(r'[/\\:*?"<>|%\x00-\x1f]|^\.|[. ]$', lambda found: f"%{ord(found[0]):02X}", labels) or "%"
    if len(name.encode()) > 200:
        name = name.encode()[:180].decode(errors="ignore") + "-" + blake2b(labels.encode(), digest_size=5).hexdigest()
    return name


if __name__ == "__main__":
    run(main)
