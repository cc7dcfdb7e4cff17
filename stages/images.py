"""DVC stage `images`: data/features/png as image files, data/images/<split>/<class>/<clip>.png, to look through.

Keras' image_dataset_from_directory can read them. No stage trains on them: thousands of small files are slow to track,
and data/features/png holds the same pixels in one file.
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
from sourcewise.datasets.folds import Split
from sourcewise.models.examples import Images, read_features
from sourcewise.storage.files import Ragged, fresh_folder, read_array, write_json


def main():
    """Write one file for each clip and each augmented copy, by their part in the first fold."""
    table, folder = Split.with_copies().of_fold(0), fresh_folder(IMAGES)
    try:
        pixels, encode = read_features("png"), _png
    except NotRun as reason:
        write_json(folder / "not_run.json", {"reason": str(reason)})
        return
    if isinstance(pixels, Images):  # palette indices make small files
        pixels, palette = Ragged.open(FEATURES / "png"), read_array(FEATURES / "png" / "colours.npy")
        encode = partial(png, palette=palette)
    rows = zip(table["split"], table["labels"], table["clip_id"], pixels, strict=True)
    for split, labels, clip_id, image in progress(rows, total=len(table), title="images", unit="clip"):
        if not split:
            continue  # a copy of a clip that trains in other folds only
        class_folder = folder / split / folder_name(labels)
        class_folder.mkdir(parents=True, exist_ok=True)
        (class_folder / f"{clip_id}.png").write_bytes(encode(image))


def _png(image):
    return cv2.imencode(".png", image[:, :, ::-1])[1].tobytes()


def folder_name(labels):
    """Labels as a folder name: characters that file systems forbid become % and two hexadecimal digits; long names are
    cut and end in a hash; no label becomes a single %."""
    name = re.sub(r'[/\\:*?"<>|%\x00-\x1f]|^\.|[. ]$', lambda match: f"%{ord(match[0]):02X}", labels) or "%"
    if len(name.encode()) > 200:
        name = name.encode()[:180].decode(errors="ignore") + "-" + blake2b(labels.encode(), digest_size=5).hexdigest()
    return name


if __name__ == "__main__":
    run(main)
