import cv2
import numpy as np
import pytest

from sourcewise.core.paths import FEATURES, IMAGES
from sourcewise.datasets.folds import Split
from sourcewise.datasets.task import Task
from sourcewise.models.keras.devices import import_keras
from sourcewise.storage.files import Ragged
from stages import augment, duplicates, extract, images, ingest, split


def test_the_files_hold_the_pixels_of_the_array(small):
    small()
    augment.main()
    extract.main("png")
    images.main()
    table, packed = Split.with_copies().of_fold(0), Ragged.open(FEATURES / "png")
    palette = np.load(FEATURES / "png/colours.npy")
    assert len(list(IMAGES.rglob("*.png"))) == len(table) == 36
    for row, pixels in zip(table.itertuples(), packed, strict=True):
        read = cv2.imread(str(IMAGES / row.split / row.labels / f"{row.clip_id}.png"))[:, :, ::-1]
        assert np.array_equal(read, palette[pixels])


def test_keras_reads_the_folder(small):
    small(features__png__width=96, features__png__height=64)
    augment.main()
    extract.main("png")
    images.main()
    keras = import_keras()
    folder = IMAGES / "train"
    options = {"image_size": (64, 96), "batch_size": None, "shuffle": False}
    read = keras.utils.image_dataset_from_directory(folder, verbose=False, **options)
    assert read.class_names == list(Task.read().classes)
    table = Split.with_copies().of_fold(0)
    files = sorted(path for path in folder.rglob("*.png"))
    palette, packed = np.load(FEATURES / "png/colours.npy"), Ragged.open(FEATURES / "png")
    for path, (image, label) in zip(files, read, strict=True):
        row = table.index[table["clip_id"] == path.stem][0]
        assert np.array_equal(image, palette[packed[row]])
        assert read.class_names[label] == table["labels"][row]


def test_images_of_clips_no_longer_in_the_dataset_are_gone(small):
    folder = small(augment__recipes={})
    augment.main()
    extract.main("png")
    images.main()
    (folder / "data/raw/small/low/a1.wav").unlink()
    for stage in (ingest, duplicates, split, augment):
        stage.main()
    extract.main("png")
    images.main()
    assert len(list(IMAGES.rglob("*.png"))) == 23


@pytest.mark.parametrize(
    ("labels", "name"),
    [
        ("dog", "dog"),
        ("dog|rain", "dog%7Crain"),
        ("a/b", "a%2Fb"),
        ("..", "%2E%2E"),
        (".hidden", "%2Ehidden"),
        ('<b>"é"', "%3Cb%3E%22é%22"),
        ("100%", "100%25"),
        ("end.", "end%2E"),
        ("", "%"),
        ("é" * 150, "é" * 90 + "-9413134c38"),
    ],
)
def test_labels_make_safe_folders(labels, name):
    assert images.folder_name(labels) == name
