"""Tiny datasets with external ones, and the stages from `fetch` to `evaluate` on them."""

import shutil
from pathlib import Path

import numpy as np
import soxr

from sourcewise import configuration
from sourcewise.datasets.external import FILES, SCORES
from sourcewise.storage.files import read_json, write_json
from stages import augment, duplicates, evaluate, extract, fetch, ingest, split, train
from tests.conftest import REPOSITORY, change_params, checked, tone, write_wav

SR = 8000
PATTERN = "reader: folder\nlabel: parent\nsource: {pattern: '/([a-z]+)'}\n"


def dataset(name, text, other=()):
    """Write a dataset file. other: what it names as external."""
    named = f"external: {list(other)}\n" if other else ""
    (Path("data/datasets") / f"{name}.yaml").write_text(f"title: t\nlicence: l\n{text}{named}")


def settle(name="main", classifiers=("svm",), **values):
    """params.yaml with these classifiers only, and values by their dotted keys."""
    shutil.copyfile(REPOSITORY / "params.yaml", "params.yaml")
    known = configuration.params.read_yaml(REPOSITORY / "params.yaml")["classifiers"]
    values = {key.replace("__", "."): value for key, value in values.items()}
    changed = {
        "dataset": name,
        "audio.sr": SR,
        "augment.recipes.varied.copies": 0,
        "evaluate.ensemble": 0,
        "train.threshold": 0.5,
    }
    changed["classifiers"] = {name: known[name] for name in classifiers}
    change_params(Path("."), changed | values)
    checked()
    write_json(FILES, configuration.external_files({"dataset": name}))


def run(features="mfcc", classifiers=("svm",)):
    """The stages from `fetch` to `evaluate`; returns the scores on external datasets."""
    for stage in (fetch, ingest, duplicates, split, augment):
        stage.main()
    extract.main(features)
    for name in classifiers:
        train.main(name)
    return scores(classifiers)


def scores(classifiers=("svm",)):
    """What `evaluate` makes of the models."""
    evaluate.predict_external(list(classifiers))
    write_json("metrics/audit.json", {"folds": 5, "leakage": {}, "findings": []})
    evaluate.write_scores(list(classifiers))
    return read_json(SCORES)


def recording(label, source, clip, seconds=0.6):
    """A high or a low tone of a source, with a tune of notes and noise that no other clip has; or both, or none."""
    rng = np.random.default_rng([sum(label.encode()), sum(source.encode()), clip])
    y = rng.normal(0, 0.01, int(seconds * SR))
    for part, hz in (("high", 1500), ("low", 300)):
        if part in label:
            y += 0.3 * tone(hz + 4 * (sum(source.encode()) % 5), seconds=seconds, sr=SR)
    notes = np.repeat(rng.uniform(0, 1, 12), -(-len(y) // 12))[: len(y)]
    return y + 0.02 * notes * rng.standard_normal(len(y))


def corpus(name, sources, labels=("high", "low"), clips=2, sr=SR):
    """Write the recordings of a dataset, <label>/<source><clip>.wav."""
    for label in labels:
        for source in sources:
            for clip in range(clips):
                y = recording(label, source, clip)
                path = Path(f"data/raw/{name}/{label}/{source}{clip}.wav")
                write_wav(path, y if sr == SR else soxr.resample(y, SR, sr), sr)


def described():
    from sourcewise.report.external import described

    return " ".join(text for name, of in read_json(SCORES).items() for text in described(name, of))
