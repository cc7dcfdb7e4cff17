"""predict: a trained model, used on recordings from anywhere and in any format."""

import csv
import io
import json
import shutil

import numpy as np
import pandas as pd
import pytest

from sourcewise.core.errors import Stop
from sourcewise.core.paths import CLASSIFIERS
from sourcewise.datasets import manifest
from sourcewise.datasets.folds import Split
from sourcewise.datasets.task import Task
from sourcewise.evaluation import ensemble
from sourcewise.evaluation.evaluate import EvaluateParams, evaluate
from sourcewise.inference import answers, predict
from sourcewise.models import ready, training
from sourcewise.models.examples import read_features
from sourcewise.storage.files import write_json
from stages import augment, extract, split, train
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
    files = [file for path in folders for file in sorted(path.rglob("*")) if file.is_file()]
    before = [file.read_bytes() for file in files]
    lies = ready.READY / (folder / "models/classifiers/svm/fingerprint.txt").read_text().strip()
    (lies / "joined/data/predictions").mkdir(parents=True)
    shutil.move(folders[1], lies / "joined/data/predictions/svm")  # the model was moved, the predictions were not
    train.main("svm")
    assert [file.read_bytes() for file in files] == before
    assert not lies.exists()


def sound(hz, sr, seed=0):
    """Half a second as the small corpus sounds."""
    return tone(hz, sr=sr) + np.random.default_rng(seed).normal(0, 0.01, sr // 2)


def rows(capsys):
    """What was printed as CSV: a list of dicts."""
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


def stored(name, folder):
    """{path of a whole recording: its probabilities} as the stage train wrote them."""
    table = pd.read_csv(f"data/predictions/{name}/probabilities.csv", index_col="clip_id")
    paths = manifest.read().set_index("clip_id")["path"]
    return {f"{folder}/{paths[clip_id]}": p.tolist() for clip_id, p in table[["p(high)", "p(low)"]].iterrows()}


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


@pytest.mark.parametrize("folds", [None, 3])
def test_the_ensemble_predicts_as_its_stored_predictions_say_to_the_bit(trained, folds, capsys):
    trained("svm", "mfcc", **{} if folds is None else {"split__folds": folds})
    extract.main("table")
    train.main("logreg")
    task, p = Task.read(), EvaluateParams(bins=10, ensemble=2)
    audit = {"leakage": {}, "findings": []}
    done = evaluate(["svm", "logreg"], Split.read(), task, p, threshold=None, audit=audit)
    assert [set(of) for of in done.scores["ensemble"]["members"]] == [{"svm", "logreg"}] * (folds or 1)
    ensemble.write_model(CLASSIFIERS / "ensemble", done, task)
    capsys.readouterr()
    predict.main("ensemble", ["data/raw/small"], "csv", out_of_fold=folds is not None)
    result = {row["path"]: [float(row["p(high)"]), float(row["p(low)"])] for row in rows(capsys)}
    table = pd.read_csv("data/ensemble/probabilities.csv", index_col="clip_id")
    table = table if folds is None else table[table["split"] == "test"]
    paths = manifest.read().set_index("clip_id")["path"]
    expected = {f"data/raw/small/{paths[clip]}": p.tolist() for clip, p in table[["p(high)", "p(low)"]].iterrows()}
    assert len(expected) >= 8 and {path: result[path] for path in expected} == expected
    assert json.loads(answers.answer("ensemble", "data/raw/small/" + paths.iloc[0], "x"))["classes"]
    write_json("models/classifiers/ensemble/not_run.json", {"reason": "one classifier"})
    with pytest.raises(Stop, match="ensemble was not trained: one classifier"):
        predict.main("ensemble", ["data/raw/small"], "csv")


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
    assert lines[1] == f"{tmp_path}/missing.wav: no such file"


@pytest.mark.parametrize("folds", [None, 3])
def test_recordings_of_training_are_counted(trained, folds, capsys, tmp_path):
    trained("svm", "mfcc", **{} if folds is None else {"split__folds": folds})
    write_wav(tmp_path / "new.wav", sound(1520, 8000), 8000)
    n_tested = 0 if folds else manifest.read("data/split.csv")["fold_0"].eq("test").sum()
    _, values, lines = _printed(capsys, "svm", ["data/raw/small", tmp_path / "new.wav"])
    said = [line for line in lines if line.startswith("WARNING: ")]
    assert len(values) == 25 and said[0].startswith(f"WARNING: {24 - n_tested} recordings had a part in training")
    assert not any("WARNING" in line for line in _printed(capsys, "svm", [tmp_path / "new.wav"])[2])
    shutil.rmtree("data/predictions")
    assert not any("WARNING" in line for line in _printed(capsys, "svm", ["data/raw/small"])[2])


def test_what_is_missing_is_named(in_tmp):
    with pytest.raises(Stop, match="no model in models/classifiers/svm: `dvc repro train@svm` makes one"):
        predict.main("svm", ["a.wav"], "csv")
    write_json("models/classifiers/yamnet/not_run.json", {"reason": "no weights"})
    with pytest.raises(Stop, match="yamnet was not trained: no weights"):
        predict.main("yamnet", ["a.wav"], "csv")


def _printed(capsys, *arguments, **options):
    """(the exit status, {(path, start, stop): the probabilities as printed}, the lines of messages)."""
    capsys.readouterr()
    status = predict.main(*arguments, "csv", **options)
    printed = capsys.readouterr()
    table = csv.DictReader(io.StringIO(printed.out))
    values = {(row["path"], row["start_s"], row["stop_s"]): (row["p(high)"], row["p(low)"]) for row in table}
    return status, values, printed.err.splitlines()


@pytest.mark.parametrize(("name", "features"), [("svm", "mfcc"), ("logreg", "table")])
def test_after_a_cross_validation_probabilities_are_the_mean_over_the_models_of_all_folds(
    trained, name, features, capsys
):
    folder = trained(name, features, split__folds="all")
    status, values, messages = _printed(capsys, name, ["data/raw/small"])
    assert status == 0 and len(values) == 24
    assert messages[0] == "mean over the models of 6 folds" and messages[1].startswith("WARNING: 24 recordings")
    models = [training.load(folder / f"models/classifiers/{name}/fold-{fold}") for fold in range(6)]
    x, clips = read_features(features), manifest.read()
    of_folds = np.array([model.predict(x)[:24] for model in models])
    assert of_folds.std(axis=0).max() > 1e-3  # they differ
    result = {path: np.array(p, float) for (path, *_), p in values.items()}
    for path, expected in zip(clips["path"], of_folds.mean(axis=0), strict=True):
        assert result[f"data/raw/small/{path}"] == pytest.approx(expected, abs=1.1e-6)


@pytest.mark.parametrize(("name", "features"), [("svm", "mfcc"), ("logreg", "table")])
def test_out_of_fold_each_recording_has_exactly_its_stored_test_probability(trained, name, features, capsys):
    folder = trained(name, features, split__folds="all")
    status, values, messages = _printed(capsys, name, ["data/raw/small"], out_of_fold=True)
    assert status == 0 and messages == []
    table = pd.read_csv(f"data/predictions/{name}/probabilities.csv", dtype=str).query("split == 'test'")
    paths = manifest.read().set_index("clip_id")["path"]
    expected = {f"data/raw/small/{paths[row.clip_id]}": (float(row[4]), float(row[5])) for row in table.itertuples()}
    assert len(expected) == 24
    result = {path: tuple(map(float, p)) for (path, *_), p in values.items()}
    assert result == expected
    # nor does it matter that the split has changed since
    change_params(folder, {"split.folds": 3, "split.seed": 1})
    split.main()
    assert _printed(capsys, name, ["data/raw/small"], out_of_fold=True)[1] == values


def test_out_of_fold_each_segment_has_its_stored_test_probability(trained, capsys):
    trained("svm", "mfcc", split__folds=3, audio__segment_s=0.25, augment__recipes={})
    _, values, _ = _printed(capsys, "svm", ["data/raw/small/high/a0.wav"], out_of_fold=True)
    table = pd.read_csv("data/predictions/svm/probabilities.csv").query("split == 'test'").set_index("clip_id")
    clips = manifest.read().query("path == 'high/a0.wav'")["clip_id"]
    of_clips = table.loc[clips, ["p(high)", "p(low)"]].to_numpy()
    assert len(of_clips) == 3
    whole, *segments = (tuple(map(float, p)) for p in values.values())
    assert segments == list(map(tuple, of_clips.tolist()))
    assert whole == pytest.approx(of_clips.mean(axis=0), abs=5.1e-7)


def test_out_of_fold_classes_are_decided_by_the_thresholds_of_the_fold(trained, capsys):
    folder = trained("svm", "mfcc", split__folds=3)
    models = folder / "models/classifiers/svm"
    write_json(models / "thresholds.json", {"high": 1.0, "low": 0.0})  # always low
    for fold in range(3):
        write_json(models / f"fold-{fold}/thresholds.json", {"high": 0.0, "low": 1.0})  # always high
    for out_of_fold, expected in ((False, "low"), (True, "high")):
        capsys.readouterr()
        predict.main("svm", ["data/raw/small"], "csv", out_of_fold=out_of_fold)
        assert {row["classes"] for row in rows(capsys)} == {expected}


def test_out_of_fold_a_recording_that_no_fold_tests_is_named(trained, capsys, tmp_path):
    folder = trained("svm", "mfcc", split__folds=3)
    write_wav(tmp_path / "own.wav", sound(1520, 8000), 8000)
    (tmp_path / "link.wav").symlink_to(folder / "data/raw/small/low/b1.wav")
    files = [tmp_path / "own.wav", "data/raw/small/low/b1.wav", tmp_path / "link.wav"]
    status, values, messages = _printed(capsys, "svm", files, out_of_fold=True)
    assert status == 1
    assert messages == [f"{tmp_path}/own.wav is in no test part of the split: --out-of-fold cannot predict it"]
    first, second = values.values()
    assert [path for path, *_ in values] == [files[1], str(files[2])] and first == second


def test_out_of_fold_of_a_hold_out_split_are_its_test_recordings(trained, capsys):
    trained("svm", "mfcc")
    status, values, messages = _printed(capsys, "svm", ["data/raw/small"], out_of_fold=True)
    table = pd.read_csv("data/predictions/svm/probabilities.csv").query("split == 'test'")
    assert (status, len(values), len(messages)) == (1, len(table), 24 - len(table))
    assert 0 < len(table) < 24


def test_labelled_recordings_are_scored_by_source_and_the_mistakes_are_named(trained, capsys, tmp_path):
    trained("svm", "mfcc")
    labels = tmp_path / "labels.csv"
    lines = [
        f"{label}/{source}{k}.wav,{label},{source}\n" for label in ("high", "low") for source in "abc" for k in (0, 1)
    ]
    lines[0] = lines[0].replace(",high,", ",low,")  # a wrong label
    lines[1] = lines[1].replace(",high,", ",thunder,")
    labels.write_text("path,label,source\n" + "".join(lines))
    for form in ("text", "csv"):
        capsys.readouterr()
        assert predict.main("svm", ["data/raw/small"], form, truth=labels) == 0
        out, err = capsys.readouterr()
        text = out if form == "text" else err
        assert f"Scored with {labels}: 11 recordings of 3 sources." in text
        assert "12 recordings without a label there." in text
        assert "Left out: 1 recording (8.3%)" in text and "Its labels 'thunder' are no classes here" in text
        assert "accuracy: 0.909 (95 % CI " in text  # ten of eleven
        assert (
            "| low                        |    1 |   6 |" in text
            and "| high                       |    4 |   0 |" in text
        )
        assert "1 misclassified, the most confident first:\ndata/raw/small/high/a0.wav: low, predicted high (0." in text
    assert len(list(csv.DictReader(io.StringIO(out)))) == 24


def test_labels_that_fit_no_recording_are_refused(trained, tmp_path):
    trained("svm", "mfcc")
    for text, fault in (
        ("file,class\na0.wav,high\n", "has no column 'path', 'label', only 'file', 'class': it needs path and label"),
        ("path,label\na0.wav,high\n", "'a0.wav' may mean 'data/raw/small/high/a0.wav', 'data/raw/small/low/a0.wav'"),
        ("path,label\nelsewhere.wav,high\n", "none of its paths is that of a predicted recording, such as 'data/raw"),
        ("path,label\nhigh/a0.wav,high\nhigh/a0.wav,low\n", "has the labels 'high' and 'low'"),
        ("path,label\nhigh/a0.wav,thunder\n", "no predicted recording has a label that is one of the classes 'high'"),
    ):
        (tmp_path / "labels.csv").write_text(text)
        with pytest.raises(Stop, match=fault):
            predict.main("svm", ["data/raw/small"], "csv", truth=tmp_path / "labels.csv")
    with pytest.raises(Stop, match="--truth: there is no file nowhere.csv"):
        predict.main("svm", ["data/raw/small"], "csv", truth="nowhere.csv")
