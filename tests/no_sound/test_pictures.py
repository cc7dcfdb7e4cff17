"""Folders of pictures."""

import cv2
import numpy as np
import pytest

from sourcewise.core import params
from sourcewise.core.paths import DUPLICATES, LEFT_OUT
from sourcewise.datasets import manifest
from sourcewise.datasets.folds import Split
from sourcewise.storage.files import read_json, write_json
from stages import audit, denoise, evaluate, explore, extract, generate, images, ingest, train
from tests.conftest import change_params
from tests.no_sound.conftest import PICTURES, evaluated, explored, reasons, to_the_split


def _picture(colour, seed, size=(40, 60)):
    noise = np.random.default_rng(seed).normal(0, 20, (*size, 3))
    return (np.full((*size, 3), colour) + noise).clip(0, 255).astype(np.uint8)


def _write(path, picture):
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), picture[:, :, ::-1])


def _compared():
    """The comparison of the classifiers that can run, with the reasons of the others, and the report's page."""
    denoise.main("none")
    for name in ("dcgan", "cgan_cnn"):
        generate.main(name)
    for name in ("logreg_png", "svm", "logreg"):
        train.main(name)
    return evaluated()


@pytest.fixture
def animals(repository):
    """Twelve pictures an animal, cats red, dogs green and snakes blue, and their params.yaml."""
    size = {"features__png__height": 8, "features__png__width": 12, "audit__folds": 3}
    small = {"classifiers__logreg_png__height": 8, "classifiers__logreg_png__width": 12}
    raw = repository("cats_dogs_snakes", ["logreg_png", "svm", "logreg"], **size, **small)
    for k, (name, colour) in enumerate({"cats": (180, 60, 60), "dogs": (60, 180, 60), "snakes": (60, 60, 180)}.items()):
        for i in range(12):
            _write(raw / f"Animals/{name}/{i:04d}.{'png' if i % 2 else 'jpg'}", _picture(colour, 100 * k + i))
    return raw


def test_pictures_are_decoded_resized_and_separated(animals):
    same = animals / "Animals/dogs/0001.png"
    cv2.imwrite(str(animals / "Animals/dogs/0012.bmp"), cv2.imread(str(same)))  # the same pixels
    change_params(animals.parents[2], {"ingest.max_rejected": 0.2})
    (animals / "Animals/cats/0000.jpg").write_bytes((animals / "Animals/cats/0002.jpg").read_bytes()[:-200])
    (animals / "Animals/cats/0001.png").write_bytes(b"")
    (animals / "Animals/notes.txt").write_text("no picture")
    to_the_split()
    assert manifest.read("data/rejected.csv").to_numpy().tolist() == [
        ["Animals/cats/0000.jpg", "is not a picture, or is damaged"],
        ["Animals/cats/0001.png", "is not a picture, or is damaged"],
    ]
    rows = manifest.read()
    assert rows["labels"].value_counts().to_dict() == {"dogs": 13, "snakes": 12, "cats": 10}
    assert rows["duration_s"].eq(0).all() and rows["n_samples"].min() > 100
    pairs = manifest.read(DUPLICATES).to_numpy().tolist()
    assert [(a[:17], b[:17], kind, alike) for a, b, kind, alike, _ in pairs] == [
        ("Animals_dogs_0001", "Animals_dogs_0012", "exact", 1)
    ]
    parts = Split.read().of_fold(0)
    twice = parts[parts["path"].isin(["Animals/dogs/0001.png", "Animals/dogs/0012.bmp"])]
    assert twice["source"].nunique() == twice["split"].nunique() == 1

    for features in params.load(dict, "features"):
        extract.main(features)
    why = reasons(*(f"data/features/{features}/not_run.json" for features in ("mfcc", "mel", "stft", "wave", "table")))
    assert set(why.values()) == {PICTURES}
    values = np.load("data/features/png/values.npy")
    assert values.shape == (35 * 8, 12, 3) and values.dtype == np.uint8
    first = rows.index[rows["path"] == "Animals/snakes/0001.png"][0]
    shown = values[8 * first : 8 * first + 8].reshape(-1, 3).mean(axis=0)
    assert np.abs(shown - [60, 60, 180]).max() < 5  # red, green, blue
    images.main()
    assert sum(len(list(path.glob("*.png"))) for path in (animals.parents[1] / "images").glob("*/snakes")) == 12
    explore.main()
    assert [name.rsplit("-", 1)[1] for name in explored()] == ["picture"] * 3

    audit.main()
    none = "no reference classifier is run"
    assert read_json("metrics/audit.json")["not_run"] == {
        **{"svm": PICTURES, "logreg": PICTURES, "shortcuts": PICTURES, "mislabels": none}
    }
    change_params(animals.parents[2], {"generators.dcgan.training.epochs": 1, "generators.dcgan.clips": 20})
    text, page = _compared()
    assert read_json("metrics/classifiers/logreg_png.json")["test"]["accuracy"]["value"] == 1
    assert f"| logreg     | {PICTURES} |" in text and f"| cgan_cnn  | {PICTURES} |" in text
    assert "frechet" in read_json("metrics/each/generators/dcgan.json")
    pairs = page.split('class="pairs"')[1].split("</ul>")[0]
    assert pairs.count('<img src="images/Animals_dogs_') == 2 and "<audio" not in page


def test_faces_of_one_class_are_generated_and_not_classified(repository):
    size = {"features__png__height": 16, "features__png__width": 16}
    few = {"generators__dcgan__training__epochs": 1, "generators__dcgan__clips": 20}
    raw = repository("anime_faces", ["logreg_png", "svm", "logreg"], **size, **few)
    for i in range(20):
        _write(raw / f"images/{i}_2004.jpg", _picture((200, 170, 150), i))
    to_the_split()
    assert read_json("data/labels.json") == {"type": "multiclass", "classes": ["face"]}
    for features in params.load(dict, "features"):
        extract.main(features)
    audit.main()
    text, page = _compared()
    assert "No classifier ran." in text and "| logreg_png | the dataset has only one class, 'face' |" in text
    assert "| dcgan     |" in text and read_json("metrics/summary.json") == {"gap": {}}
    assert "<b>No classifier ran.</b>" in page
    samples = raw.parents[2] / "data/samples/generators/dcgan/fold-0"
    assert (samples / "samples.png").is_file() and not (samples / "wav").exists()


def test_every_picture_is_tested_in_one_of_three_folds(animals):
    change_params(animals.parents[2], {"split.folds": 3})
    to_the_split()
    extract.main("png")
    train.main("logreg_png")
    write_json("metrics/audit.json", {"leakage": {}, "findings": []})
    evaluate.write_scores(["logreg_png"])
    images.main()
    made = Split.read()
    stored = manifest.read("data/predictions/logreg_png/probabilities.csv")
    tested = stored[stored["split"] == "test"]
    assert sorted(tested["clip_id"]) == sorted(made.clips["clip_id"]) and len(tested) == 36
    for fold in range(3):
        rows = tested["clip_id"][tested["fold"].astype(int) == fold]
        assert set(rows) == set(made.clips["clip_id"].iloc[made.rows(fold, "test")])
    scores = read_json("metrics/classifiers/logreg_png.json")
    assert scores["test"]["accuracy"]["value"] == 1 and scores["test"]["clips"] == 36
    assert [(of["accuracy"], of["clips"]) for of in scores["folds"]] == [(1, 12)] * 3
    shown = [path.stem for path in (animals.parents[1] / "images/test").rglob("*.png")]
    assert set(shown) == set(made.clips["clip_id"].iloc[made.rows(0, "test")])


def test_the_same_pixels_of_a_source_are_kept_once(animals):
    folder = animals / "Animals/dogs"
    same = cv2.imread(str(folder / "0001.png"))
    for name in ("0012.bmp", "0013.png"):  # the pixels count, not the bytes of the file
        cv2.imwrite(str(folder / name), same)
    cv2.imwrite(str(animals / "Animals/cats/0012.png"), same)  # another label
    same[0, 0] ^= 1
    cv2.imwrite(str(folder / "0014.png"), same)
    dataset_file = animals.parents[1] / "datasets/cats_dogs_snakes.yaml"
    lines = [line for line in dataset_file.read_text().splitlines() if not line.startswith("source:")]
    dataset_file.write_text("\n".join([*lines, "source: {pattern: '(Animals)'}", ""]))
    ingest.main()
    first, *more = sorted(f"Animals/dogs/{name}" for name in ("0001.png", "0012.bmp", "0013.png"))
    assert manifest.read(LEFT_OUT).to_numpy().tolist() == [[path, first] for path in more]
    assert manifest.read()["labels"].value_counts().to_dict() == {"cats": 13, "dogs": 13, "snakes": 12}
    change_params(animals.parents[2], {"ingest.keep_copies": True})
    ingest.main()
    assert len(manifest.read()) == 36 + 4 and manifest.read(LEFT_OUT).empty
