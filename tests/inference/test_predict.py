"""predict: a trained model, used on recordings from anywhere and in any format."""

import csv
import io
import json
import shutil

import numpy as np
import pandas as pd
import pytest

from sourcewise.core.errors import Stop
from sourcewise.datasets import manifest
from sourcewise.inference import predict
from sourcewise.models import training
from sourcewise.storage.files import write_json
from stages import augment, extract, train
from tests.conftest import change_params, tone, write_av, write_wav


@pytest.fixture
def trained(small):
    """A function that makes the small corpus, with values of params.yaml, and trains a classifier on it."""

    def make(name, features, **values):
        folder = small(**values)
        augment.main()
        extract.main(features)
        train.main(name)
        return folder

    return make


def test_a_training_that_was_killed_while_its_results_were_moved_is_repeated(trained):
    folder = trained("svm", "mfcc")
    folders = [folder / "models/classifiers/svm", folder / "data/predictions/svm"]
    files = [file for path in folders for file in sorted(path.iterdir())]
    before = [file.read_bytes() for file in files]
    ready = training.READY / (folder / "models/classifiers/svm/fingerprint.txt").read_text().strip()
    shutil.move(folders[1], ready / "predictions")  # the model was moved, the predictions were not
    train.main("svm")
    assert [file.read_bytes() for file in files] == before
    assert not ready.exists()


def sound(hz, sr, seed=0):
    """Half a second as the small corpus sounds."""
    return tone(hz, sr=sr) + np.random.default_rng(seed).normal(0, 0.01, sr // 2)


def rows(capsys):
    """What was printed as CSV: a list of dicts."""
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


def stored(name, folder):
    """{path of a whole recording: its probabilities} as the stage train wrote them."""
    table = pd.read_csv(f"data/predictions/{name}/probabilities.csv", index_col="clip_id").drop(columns="split")
    paths = manifest.read().set_index("clip_id")["path"]
    return {f"{folder}/{paths[clip_id]}": p.tolist() for clip_id, p in table.iterrows()}


@pytest.mark.parametrize(("name", "features"), [("svm", "mfcc"), ("logreg", "table")])
def test_predictions_are_those_that_train_wrote_to_the_bit(trained, name, features, capsys):
    trained(name, features)
    capsys.readouterr()
    assert predict.main(name, ["data/raw/small"], "csv") == 0
    result = {row["path"]: [float(row["p(high)"]), float(row["p(low)"])] for row in rows(capsys)}
    assert len(result) == 24
    expected = stored(name, "data/raw/small")
    assert len(expected) >= 8
    assert {path: result[path] for path in expected} == expected


def test_another_place_format_rate_and_other_parameters_since(trained, capsys, tmp_path):
    folder = trained("svm", "mfcc")
    change_params(folder, {"features.mfcc.n_mfcc": 2, "audio.sr": 16000})
    write_av(tmp_path / "elsewhere.m4a", np.tile(sound(1520, 44_100), (2, 1)), 44_100)
    capsys.readouterr()
    assert predict.main("svm", [tmp_path / "elsewhere.m4a"], "text") == 0
    assert "elsewhere.m4a: high    (high 0." in capsys.readouterr().out


def test_long_recordings_are_a_timeline(trained, capsys, tmp_path):
    trained("svm", "mfcc", audio__segment_s=0.25, augment__recipes__varied__copies=0)
    y = np.concatenate([sound(1520, 8000), sound(320, 8000)])  # half a second each
    write_wav(tmp_path / "long.wav", y, 8000)
    capsys.readouterr()
    predict.main("svm", [tmp_path / "long.wav"], "json")
    (result,) = json.loads(capsys.readouterr().out)
    assert (result["start_s"], result["stop_s"]) == (0, 1)
    assert [(part["start_s"], part["classes"]) for part in result["segments"]] == [
        *((0, ["high"]), (0.25, ["high"])),
        *((0.5, ["low"]), (0.75, ["low"])),
    ]
    mean = np.mean([part["probabilities"]["high"] for part in result["segments"]])
    assert result["probabilities"]["high"] == pytest.approx(mean, abs=1e-6)
    predict.main("svm", [tmp_path / "long.wav"], "csv")
    assert [row["stop_s"] for row in rows(capsys)] == ["1.0", "0.25", "0.5", "0.75", "1.0"]


def test_bad_files_are_reported_and_the_rest_goes_on(trained, capsys, tmp_path):
    trained("svm", "mfcc")
    (tmp_path / "in").mkdir()
    write_wav(tmp_path / "in/good.wav", sound(1520, 8000), 8000)
    (tmp_path / "in/bad.wav").write_text("no sound")
    (tmp_path / "in/notes.txt").write_text("not looked at")
    capsys.readouterr()
    assert predict.main("svm", [tmp_path / "in", tmp_path / "missing.wav"], "csv") == 1
    printed = capsys.readouterr()
    assert [row["path"] for row in csv.DictReader(io.StringIO(printed.out))] == [str(tmp_path / "in/good.wav")]
    lines = printed.err.splitlines()
    assert lines[0].startswith(f"{tmp_path}/in/bad.wav cannot be decoded")
    assert lines[1].startswith(f"{tmp_path}/missing.wav cannot be")


def test_what_is_missing_is_named(in_tmp):
    with pytest.raises(Stop, match="no model in models/classifiers/svm: `dvc repro train@svm` makes one"):
        predict.main("svm", ["a.wav"], "csv")
    write_json("models/classifiers/yamnet/not_run.json", {"reason": "no weights"})
    with pytest.raises(Stop, match="yamnet was not trained: no weights"):
        predict.main("yamnet", ["a.wav"], "csv")
