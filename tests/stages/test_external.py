"""External datasets: what all classifiers are worth on recordings of another dataset."""

import re
import shutil

import numpy as np
import pandas as pd
import pytest
import soundfile

from sourcewise.core.errors import Stop
from sourcewise.core.paths import VERDICT
from sourcewise.datasets import manifest
from sourcewise.datasets.external import EXTERNAL, NAMES, SCORES
from sourcewise.inference import external as inference
from sourcewise.models import training
from sourcewise.storage.files import read_json
from stages import augment, check, duplicates, evaluate, extract, fetch, ingest, split, train
from tests.conftest import change_params, write_wav
from tests.stages.external_corpora import PATTERN, SR, corpus, dataset, described, run, scores, settle


@pytest.fixture
def two(in_tmp):
    """A dataset with an external one of other sources."""
    corpus("main", ("ann", "bea", "cid", "dan", "eve", "fay"))
    corpus("other", ("gus", "hal", "ida"))
    dataset("main", PATTERN, ["other"])
    dataset("other", PATTERN)
    settle()
    return in_tmp


def test_other_recordings_are_scored_and_the_drop_is_in_all_results(two):
    of = run()["other"]
    assert (of["scored"], of["sources"], of["common"], of["absent"], of["unknown"]) == (12, 3, ["high", "low"], [], {})
    assert (of["left_out"], of["copies"], of["rejected"]) == (0, 0, 0)
    svm = of["scores"]["svm"]
    assert svm["test"]["accuracy"]["value"] == 1.0 and svm["test"]["sources"] == 3
    assert (
        svm["drop"]["accuracy"]["value"] == 0 and svm["drop"]["accuracy"]["low"] < 0 < svm["drop"]["accuracy"]["high"]
    )
    assert svm["probabilities"]["roc_auc"]["value"] == 1.0 and len(svm["confusion"]) == 4
    assert set(svm) >= {"classes", "averages", "roc", "by_source", "own_test"}
    verdict = read_json(VERDICT)
    (sentence,) = (text for text in verdict["sentences"] if "another dataset" in text)
    assert sentence.startswith(
        "On recordings of another dataset, other (12 recordings of 3 sources), svm has accuracy 1.000 (95 % CI "
    )
    assert "a drop of +0.000 (95 % CI" in sentence
    assert re.search(r"\(ROC AUC 1\.000, 95 % CI 0\.\d+ to 1\.000, instead of 1\.000\)", sentence)
    assert verdict["external"][0]["score"] == svm["test"]["accuracy"]
    for section in ("denoisers", "generators"):
        change_params(two, {section: {}})
    change_params(two, {"denoise.apply": "none"})
    text = evaluate.write_comparison()
    assert "The external dataset other: 12 recordings of 3 sources" in text and "| accuracy here |" in text
    summary = read_json("metrics/summary.json")["external"]["other"]
    assert (summary["accuracy"]["value"], summary["drop"]["value"]) == (1.0, 0.0)
    assert read_json("metrics/scores.json")["svm"]["external"] == {"other": {"accuracy": 1.0, "drop": 0.0}}


def test_without_an_external_dataset_nothing_is_done(two):
    dataset("main", PATTERN)
    evaluate.predict_external(["svm"])
    assert read_json(NAMES) == [] and [path.name for path in EXTERNAL.iterdir()] == ["datasets.json"]
    assert run() == {} and read_json(VERDICT)["external"] == []
    assert not any("another dataset" in text for text in read_json(VERDICT)["sentences"])


def test_recordings_of_this_dataset_are_left_out_and_named(two):
    folder = two / "data/raw/other/high"
    shutil.copyfile(two / "data/raw/main/high/ann0.wav", folder / "zoe0.wav")
    louder = 1.5 * soundfile.read(two / "data/raw/main/low/bea1.wav")[0]
    noise = np.random.default_rng(0).normal(0, 0.005, len(louder))
    write_wav(folder / "zoe1.wav", np.concatenate([np.zeros(800), louder + noise]), SR)
    of = run()["other"]
    assert (of["copies"], of["scored"], of["sources"]) == (2, 12, 3)
    rows = manifest.read(EXTERNAL / "other/in_dataset.csv").to_dict("records")
    assert [(row["path"], row["copy_of"], row["kind"]) for row in rows] == [
        ("high/zoe0.wav", "high/ann0.wav", "exact"),
        ("high/zoe1.wav", "low/bea1.wav", "near"),
    ]
    assert "Left out: 2 copies of recordings of this dataset" in described()


def test_a_class_that_one_side_lacks_is_named_and_the_others_are_scored(two):
    shutil.rmtree(two / "data/raw/other/low")
    corpus("other", ("gus", "hal"), labels=("cuckoo",))
    of = run()["other"]
    assert (of["common"], of["absent"], of["unknown"]) == (["high"], ["low"], {"cuckoo": 4})
    assert (of["recordings"], of["left_out"], of["scored"]) == (10, 4, 6)
    svm = of["scores"]["svm"]
    assert svm["classes"]["low"]["clips"] == 0 and svm["classes"]["high"]["roc_auc"]["value"] is None
    assert svm["own_test"]["clips"] < read_json("metrics/classifiers/svm.json")["test"]["clips"]  # of class high alone
    text = described()
    assert "Left out: 4 recordings (40.0%)" in text and "lacks 1 class: 'low'" in text
    assert "labels 'cuckoo' are no classes here; they are 40.0% of its labels" in text


def test_labels_are_renamed(two):
    (two / "data/raw/other/high").rename(two / "data/raw/other/treble")
    dataset("main", PATTERN, [{"dataset": "other", "rename": {"treble": "high"}}])
    settle()
    assert run()["other"]["scores"]["svm"]["test"]["accuracy"]["value"] == 1.0
    for rename, fault in (
        ({"trebel": "high"}, "no recording has the label 'trebel'. Did you mean treble?"),
        ({"treble": "hihg"}, "'hihg' is no class of this dataset. Did you mean high?"),
    ):
        dataset("main", PATTERN, [{"dataset": "other", "rename": rename}])
        with pytest.raises(Stop, match=f"external: 'other': rename: {fault}".replace("?", "\\?")):
            fetch.main()


def test_wrong_names_stop_before_any_work(two):
    for named, fault in (
        (["othr"], "external: 'othr' has no dataset file.* Did you mean other"),
        (["main"], "external: 'main' is this dataset itself"),
        (["other", "other"], "external: 'other' is named twice"),
        ([{"dataset": "other", "renam": {}}], "renam is not a known key"),
    ):
        dataset("main", PATTERN, named)
        with pytest.raises(Stop, match=fault):
            check.main()
    dataset("main", PATTERN, ["rows"])
    dataset("rows", "reader: table\nfile: a.csv\ncolumns: {path: n, label: l, source: n}\n")
    with pytest.raises(Stop, match="'rows' is table, but main is sound"):
        check.main()


def test_an_empty_or_foreign_dataset_stops_before_training(two):
    shutil.rmtree(two / "data/raw/other")
    with pytest.raises(Stop, match="data/raw/other does not exist: put the recordings there"):
        fetch.main()
    (two / "data/raw/other").mkdir()
    with pytest.raises(Stop, match="no recording found in data/raw/other"):
        fetch.main()
    corpus("other", ("gus",), labels=("cuckoo",))
    with pytest.raises(Stop, match="external: 'other' has none of the classes 'high', 'low': its labels are 'cuckoo'"):
        fetch.main()


def test_files_that_cannot_be_used_are_listed_and_too_many_stop_the_run(two):
    change_params(two, {"ingest.max_rejected": 0.2})
    (two / "data/raw/other/high/gus9.wav").write_bytes(b"RIFF")
    (two / "data/raw/other/high/hal9.wav").write_bytes(b"")
    of = run()["other"]
    assert (of["rejected"], of["scored"]) == (2, 12)
    assert manifest.read(EXTERNAL / "other/rejected.csv")["path"].tolist() == ["high/gus9.wav", "high/hal9.wav"]
    change_params(two, {"ingest.max_rejected": 0.1})
    with pytest.raises(Stop, match="other: 2 of 14 files .* were rejected.*high/gus9.wav"):
        evaluate.predict_external(["svm"])
    assert not NAMES.exists()


def test_recordings_of_several_segments_and_folds_have_the_mean_of_both(two):
    settle(audio__segment_s=0.25, split__folds=3)
    of = run()["other"]
    assert of["scored"] == 12 and of["scores"]["svm"]["test"]["accuracy"]["value"] == 1.0
    table = pd.read_csv(EXTERNAL / "other/predictions/svm/probabilities.csv")
    assert table.groupby("fold").size().tolist() == [36, 36, 36]  # three segments of twelve recordings
    assert len(read_json(VERDICT)["sentences"]) <= 9


def _files():
    return {path: path.read_bytes() for path in sorted(EXTERNAL.rglob("*")) if path.is_file()}


def test_the_clips_that_are_in_memory_are_few_and_change_nothing(two, monkeypatch):
    run()
    before = _files()
    shutil.rmtree(EXTERNAL)
    monkeypatch.setattr(inference, "SAMPLES", 10_000)  # two clips
    evaluate.predict_external(["svm"])
    assert _files() == before


def test_only_what_changed_is_predicted_anew(two, monkeypatch):
    settle(classifiers=("svm", "linear_svc_png"))
    for stage in (fetch, ingest, duplicates, split, augment):
        stage.main()
    for name, features in (("svm", "mfcc"), ("linear_svc_png", "png")):
        extract.main(features)
        train.main(name)
    evaluate.predict_external(["svm", "linear_svc_png"])
    before, loaded = _files(), []
    load = training.load
    monkeypatch.setattr(training, "load", lambda folder: loaded.append(folder.parent.name) or load(folder))
    evaluate.predict_external(["svm", "linear_svc_png"])
    assert loaded == [] and _files() == before
    change_params(two, {"classifiers.svm.C": 0.01})
    train.main("svm")
    loaded.clear()
    evaluate.predict_external(["svm", "linear_svc_png"])
    assert loaded == ["svm"]
    corpus("other", ("jim",))
    evaluate.predict_external(["svm", "linear_svc_png"])
    assert loaded == ["svm", "svm", "linear_svc_png"]
    settle(classifiers=("svm",))
    evaluate.predict_external(["svm"])
    assert [path.name for path in (EXTERNAL / "other/predictions").iterdir()] == ["svm"]


def test_predictions_and_scores_are_those_of_predict(two, capsys):
    from sourcewise.inference import predict

    settle(classifiers=("svm", "logreg_png"), evaluate__ensemble=2)
    extract_both = ("svm", "logreg_png")
    for stage in (fetch, ingest, duplicates, split, augment):
        stage.main()
    for features in ("mfcc", "png"):
        extract.main(features)
    for name in extract_both:
        train.main(name)
    of = scores(extract_both)["other"]["scores"]
    paths = sorted((two / "data/raw/other").rglob("*.wav"))
    lines = [f"{path.relative_to(two / 'data/raw/other')},{path.parent.name},{path.stem[:3]}\n" for path in paths]
    (two / "labels.csv").write_text("path,label,source\n" + "".join(lines))
    for name in ("svm", "ensemble"):
        capsys.readouterr()
        assert predict.main(name, ["data/raw/other"], "text", truth="labels.csv") == 0
        text = capsys.readouterr().out
        score, auc = of[name]["test"]["accuracy"], of[name]["probabilities"]["roc_auc"]
        assert f"accuracy: {score['value']:.3f} (95 % CI {score['low']:.3f} to {score['high']:.3f})" in text
        assert f"ROC AUC: 1.000 (95 % CI {auc['low']:.3f} to 1.000)" in text and "12 recordings of 3 sources" in text
        assert "| high                       |    6 |   0 |" in text and "None is misclassified." in text


def test_the_report_plays_the_mistakes(two):
    for path in sorted((two / "data/raw/other/high").glob("*.wav")):
        shutil.move(path, two / "data/raw/other/low" / f"hid{path.name}")  # all of low are wrong half the time
    corpus("other", ("gus",), labels=("high",))
    run()
    from sourcewise.datasets.task import Task
    from sourcewise.report.external_section import sections
    from sourcewise.report.page import Page

    page = Page(two / "page")
    (section,) = sections(page, read_json(SCORES), Task.read(), 30.0, 4)
    assert section["n_wrong"] == 6 and len(section["wrong"]) == 4 and section["chosen"] == "svm"
    for row in section["wrong"]:
        assert (row["actual"], row["predicted"]) == ("low", "high")
        y, sr = soundfile.read(page.folder / row["sound"])
        assert sr == SR and len(y) == 4800 and (page.folder / row["image"]).is_file()
