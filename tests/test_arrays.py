"""A corpus of log-mel arrays and event rolls ([R4]), through the stages: what reads frames runs, the rest says why."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.fft
from sklearn.metrics import f1_score

from sourcewise.core.errors import NotRun, Stop
from sourcewise.core.paths import DUPLICATES, EVENTS, LEFT_OUT
from sourcewise.datasets import manifest
from sourcewise.datasets.folds import Split
from sourcewise.models.examples import read_features
from sourcewise.storage.files import read_json, write_json
from stages import augment, duplicates, evaluate, explore, extract, fetch, ingest, split, train
from tests.conftest import REPOSITORY, change_params, checked

DATASET_FILE = (
    "title: t\nlicence: l\nreader: eventroll\nsounds: mels\nrolls: rolls/{stem}.npy\nmel: log10\nframe_rate: 50\n"
    "classes: [low, silence, high]\ndrop: [silence]\nsource: {pattern: '([a-h])[0-9]'}\n"
)


def _clip(number, band):
    """A mel array (1, 16, 100), in units of 10 dB, and its roll (3, 100): noise, and band on from frame 20 to 60."""
    rng = np.random.default_rng(number)
    mel, roll = rng.normal(-8, 0.3, (1, 16, 100)), np.zeros((3, 100))
    roll[1, :20] = roll[1, 60:] = 1
    roll[0 if band < 8 else 2, 20:60] = 1
    mel[0, band, 20:60] = -2
    return mel.astype(np.float32), roll


@pytest.fixture
def corpus(in_tmp):
    """Eight sources, each with two clips of a low band and two of a high one, as far as ingest."""
    (in_tmp / "params.yaml").write_text((REPOSITORY / "params.yaml").read_text())
    change_params(in_tmp, {"dataset": "rolls", "features.mfcc.n_mfcc": 12})
    (in_tmp / "data/datasets/rolls.yaml").write_text(DATASET_FILE)
    raw = in_tmp / "data/raw/rolls"
    for folder in ("mels", "rolls"):
        (raw / folder).mkdir(parents=True)
    for k, source in enumerate("abcdefgh"):
        for n in range(4):
            mel, roll = _clip(10 * k + n, (3, 12, 4, 11)[n])
            np.save(raw / f"mels/{source}{n}.npy", mel)
            np.save(raw / f"rolls/{source}{n}.npy", roll)
    checked()
    return raw


def test_frames_and_events_are_kept(corpus):
    ingest.main()
    table, events = manifest.read(), manifest.read(EVENTS)
    assert (len(table), table["source"].nunique()) == (32, 8)
    assert table["labels"].value_counts().to_dict() == {"low": 16, "high": 16}
    assert set(table["duration_s"]) == {2.0} and set(table["n_samples"]) == {100} and set(table["sr"]) == {0}
    assert events[["onset_s", "offset_s"]].drop_duplicates().to_numpy().tolist() == [[0.4, 1.2]]
    assert dict(zip(events["clip_id"], events["label"], strict=True)) == dict(
        zip(table["clip_id"], table["labels"], strict=True)
    )


def test_what_reads_frames_runs_and_the_rest_says_why(corpus):
    fetch.main()
    ingest.main()
    duplicates.main()
    split.main()
    augment.main()
    for name in ("mel", "mfcc", "table"):
        extract.main(name)
    path = manifest.read()["path"][5]
    given = 10 * np.load(corpus / path)[0].T
    assert np.allclose(read_features("mel")[5], given, atol=1e-4)
    coefficients = scipy.fft.dct(np.maximum(given, given.max() - 80), axis=1, norm="ortho")[:, :12]
    assert np.allclose(read_features("mfcc")[5], coefficients, atol=1e-3)
    with pytest.raises(NotRun, match="the dataset is log-mel frames, not sound"):
        read_features("table")
    explore.main()
    figures = [figure["file"].rsplit("-", 1)[-1] for figure in read_json("data/explored/figures.json")]
    assert figures == ["durations.json", "mel.json", "mel.json"]
    train.main("svm")
    train.main("logreg")
    assert "not sound" in read_json("models/classifiers/logreg/not_run.json")["reason"]
    found = pd.read_csv("data/predictions/svm/probabilities.csv").set_index("clip_id")
    y_true = manifest.read().set_index("clip_id")["labels"][found.index]
    assert len(found) == 20 and ((found["p(high)"] > 0.5) == (y_true == "high")).all()


def test_the_same_array_twice_is_found(corpus):
    np.save(corpus / "mels/h0.npy", np.load(corpus / "mels/a0.npy"))
    ingest.main()
    duplicates.main()
    pairs = manifest.read(DUPLICATES)
    assert pairs[["clip_id", "other", "kind"]].to_numpy().tolist() == [
        [manifest.clip_id("mels/a0.npy"), manifest.clip_id("mels/h0.npy"), "exact"]
    ]


def test_arrays_that_cannot_be_used_are_rejected(corpus):
    change_params(corpus.parents[2], {"ingest.max_rejected": 0.5})
    wrong = {
        "a0": np.zeros((1, 16, 100)),
        "b0": np.full((16, 100), np.nan),
        "c0": np.ones((2, 16, 100)),
        "d0": np.random.default_rng(0).normal(size=(20, 100)),
        "e0": np.array([["a"]]),
        "f0": np.random.default_rng(0).normal(size=(16, 50)),
    }
    for name, array in wrong.items():
        np.save(corpus / f"mels/{name}.npy", array)
    (corpus / "mels/g0.npy").write_bytes(b"no array")
    ingest.main()
    reasons = dict(pd.read_csv("data/rejected.csv").to_numpy().tolist())
    assert reasons.pop("mels/g0.npy").startswith("cannot be read as an array: ")
    assert reasons == {
        "mels/a0.npy": "is silent",
        "mels/b0.npy": "holds NaN or infinity",
        "mels/c0.npy": "is an array (2, 16, 100) of float64, not of numbers (n_mels, n_frames)",
        "mels/d0.npy": "has 20 mel bands, the first has 16",
        "mels/e0.npy": "is an array (1, 1) of <U1, not of numbers (n_mels, n_frames)",
        "mels/f0.npy": "ends at 1.000 s, but has an event 'low' from 0.4 to 1.2 s",
    }


def test_an_unknown_unit_is_named(corpus):
    dataset_file = corpus.parents[1] / "datasets/rolls.yaml"
    dataset_file.write_text(DATASET_FILE.replace("mel: log10", "mel: bel"))
    with pytest.raises(Stop, match="rolls.yaml: mel is 'bel': must be 'dB', 'ln' or 'log10'"):
        ingest.main()


def test_the_same_array_and_events_of_a_source_are_kept_once(corpus):
    for name in ("a2", "a1"):  # a1 is of another label
        np.save(corpus / f"mels/{name}.npy", np.load(corpus / "mels/a0.npy"))
    ingest.main()
    assert manifest.read(LEFT_OUT).to_numpy().tolist() == [["mels/a2.npy", "mels/a0.npy"]]
    assert len(manifest.read()) == 31 and len(manifest.read(EVENTS)) == 31


def test_every_clip_of_several_labels_is_tested_by_the_fold_that_has_not_seen_it(corpus):
    for path in sorted(corpus.glob("mels/?3.npy")):  # these have both bands at once
        mel, roll = np.load(path), np.load(corpus / f"rolls/{path.name}")
        mel[0, 3, 30:80], roll[0, 30:80], roll[1, 60:80] = -2, 1, 0
        np.save(path, mel), np.save(corpus / f"rolls/{path.name}", roll)
    change_params(corpus.parents[2], {"split.folds": 4})
    for stage in (ingest, duplicates, split, augment):
        stage.main()
    extract.main("mfcc")
    train.main("svm")
    assert read_json("data/labels.json") == {"type": "multilabel", "classes": ["high", "low"]}
    made, table = Split.read(), pd.read_csv("data/predictions/svm/probabilities.csv")
    assert made.clips["labels"].value_counts().to_dict() == {"low": 16, "high": 8, "high|low": 8}
    test = table[table["split"] == "test"]
    assert sorted(test["clip_id"]) == sorted(made.clips["clip_id"])
    for fold in range(4):
        of_fold = set(test["clip_id"][test["fold"] == fold])
        assert of_fold == set(made.clips["clip_id"][made.parts[:, fold] == "test"]) and len(of_fold) == 8

    path = Path("data/predictions/svm/thresholds.json")
    thresholds = read_json(path)
    assert len(thresholds) == 4
    y_score = test[["p(high)", "p(low)"]].to_numpy()
    labels = made.clips.set_index("clip_id")["labels"][test["clip_id"]]
    y_true = np.array([[name in label.split("|") for name in ("high", "low")] for label in labels])
    for of_fold in (thresholds, [{"high": 0.0, "low": 0.0}, *thresholds[1:]]):  # each fold is scored by its own
        write_json(path, of_fold)
        write_json("metrics/audit.json", {"leakage": {}, "findings": []})
        evaluate.write_scores(["svm"])
        y_pred = y_score >= [[of_fold[fold][name] for name in ("high", "low")] for fold in test["fold"]]
        scores = read_json("metrics/classifiers/svm.json")
        assert scores["thresholds"] == of_fold
        assert scores["test"]["f1"]["value"] == pytest.approx(f1_score(y_true, y_pred, average="macro"), abs=1e-4)
        right = (y_true == y_pred).all(axis=1)
        assert scores["test"]["accuracy"]["value"] == pytest.approx(right.mean(), abs=1e-4)
        each = [right[test["fold"] == fold].mean() for fold in range(4)]
        assert [of["accuracy"] for of in scores["folds"]] == pytest.approx(each, abs=1e-4)
    assert each[0] == 0.25 and min(each[1:]) > 0.9  # all classes of 8 clips, of which 2 carry both
