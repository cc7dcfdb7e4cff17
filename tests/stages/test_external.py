"""External datasets: what all classifiers are worth on recordings of another dataset."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
import soundfile
import soxr

from sourcewise import configuration
from sourcewise.core.errors import Stop
from sourcewise.core.paths import VERDICT
from sourcewise.datasets import manifest
from sourcewise.datasets.external import EXTERNAL, FILES, NAMES, SCORES
from sourcewise.inference import external as inference
from sourcewise.models import training
from sourcewise.storage.files import read_json, write_json
from stages import augment, check, duplicates, evaluate, external, extract, fetch, ingest, report, split, train
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
    external.main()
    return scores(classifiers)


def scores(classifiers=("svm",)):
    """What `evaluate` makes of the predictions."""
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
    assert svm["probabilities"]["roc_auc"] == 1.0 and len(svm["confusion"]) == 4
    assert set(svm) >= {"classes", "averages", "roc", "by_source", "own_test"}
    verdict = read_json(VERDICT)
    (sentence,) = (text for text in verdict["sentences"] if "another dataset" in text)
    assert sentence.startswith(
        "On recordings of another dataset, other (12 recordings of 3 sources), svm has accuracy 1.000 (95 % CI "
    )
    assert "a drop of +0.000 (95 % CI" in sentence and "(ROC AUC 1.000 instead of 1.000)" in sentence
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
    external.main()
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
    assert "Left out: 2 copies of recordings of this dataset" in _described()


def _described():
    from sourcewise.report.external import described

    return " ".join(text for name, of in read_json(SCORES).items() for text in described(name, of))


def test_a_class_that_one_side_lacks_is_named_and_the_others_are_scored(two):
    shutil.rmtree(two / "data/raw/other/low")
    corpus("other", ("gus", "hal"), labels=("cuckoo",))
    of = run()["other"]
    assert (of["common"], of["absent"], of["unknown"]) == (["high"], ["low"], {"cuckoo": 4})
    assert (of["recordings"], of["left_out"], of["scored"]) == (10, 4, 6)
    svm = of["scores"]["svm"]
    assert svm["classes"]["low"]["clips"] == 0 and svm["classes"]["high"]["roc_auc"] is None
    assert svm["own_test"]["clips"] < read_json("metrics/classifiers/svm.json")["test"]["clips"]  # of class high alone
    text = _described()
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
        external.main()
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
    external.main()
    assert _files() == before


def test_only_what_changed_is_predicted_anew(two, monkeypatch):
    settle(classifiers=("svm", "linear_svc_png"))
    for stage in (fetch, ingest, duplicates, split, augment):
        stage.main()
    for name, features in (("svm", "mfcc"), ("linear_svc_png", "png")):
        extract.main(features)
        train.main(name)
    external.main()
    before, loaded = _files(), []
    load = training.load
    monkeypatch.setattr(training, "load", lambda folder: loaded.append(folder.parent.name) or load(folder))
    external.main()
    assert loaded == [] and _files() == before
    change_params(two, {"classifiers.svm.C": 0.01})
    train.main("svm")
    loaded.clear()
    external.main()
    assert loaded == ["svm"]
    corpus("other", ("jim",))
    external.main()
    assert loaded == ["svm", "svm", "linear_svc_png"]
    settle(classifiers=("svm",))
    external.main()
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
    external.main()
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
        assert f"ROC AUC: {auc:.3f}" in text and "12 recordings of 3 sources" in text
        assert "| high                       |    6 |   0 |" in text and "None is misclassified." in text


def test_several_labels(in_tmp):
    for name, sources, labels in (
        ("main", ("ann", "bea", "cid", "dan", "eve", "fay"), ("high", "low", "high+low")),
        ("other", ("gus", "hal", "ida"), ("high", "high+cuckoo", "cuckoo")),
    ):
        corpus(name, sources, labels)
        rows = [
            (path.relative_to(in_tmp / "data/raw" / name), path.parent.name, path.stem[:3])
            for path in sorted((in_tmp / "data/raw" / name).rglob("*.wav"))
        ]
        pd.DataFrame(rows, columns=["path", "label", "source"]).to_csv(f"data/raw/{name}/l.csv", index=False)
        text = "reader: manifest\nfile: l.csv\ncolumns: {path: path, label: label, source: source}\nseparator: '+'\n"
        dataset(name, text, ["other"] if name == "main" else [])
    settle()
    of = run()["other"]
    assert (of["common"], of["absent"], of["unknown"]) == (["high"], ["low"], {"cuckoo": 12})
    assert (of["scored"], of["left_out"], of["labels"], of["labels_left_out"]) == (18, 0, 24, 12)
    svm = of["scores"]["svm"]
    assert list(svm["classes"]) == ["high"]  # of `low` nobody says where it is
    assert svm["test"]["micro_f1"]["value"] > 0.7 and svm["own_test"]["clips"] == 12
    assert svm["drop"]["micro_f1"]["value"] == pytest.approx(
        svm["own_test"]["micro_f1"]["value"] - svm["test"]["micro_f1"]["value"], abs=2e-4
    )


def test_tables_are_compared_by_the_names_of_their_columns(in_tmp):
    rng = np.random.default_rng(0)
    columns = [f"x{k}" for k in range(8)]
    keys = "reader: table\nfile: t.csv\ncolumns: {path: path, label: label, source: path}\n"
    tables = {}
    for name, n in (("main", 30), ("other", 12)):
        labels = np.repeat(["a", "b"], n // 2)
        table = pd.DataFrame(rng.normal(size=(n, 8)) + 3 * (labels == "b")[:, None], columns=columns)
        tables[name] = table.assign(path=[f"{name}{k}" for k in range(n)], label=labels)
    other = tables["other"]
    other.loc[3, columns] = tables["main"].loc[5, columns]  # exact
    other.loc[4, columns] = tables["main"].loc[6, columns] + 1e-4  # near
    other = other[["path", *columns[::-1], "label"]].assign(more=1.0)
    for name, table in {"main": tables["main"], "other": other}.items():
        (in_tmp / f"data/raw/{name}").mkdir(parents=True)
        table.to_csv(f"data/raw/{name}/t.csv", index=False)
        dataset(name, keys, ["other"] if name == "main" else [])
    settle(classifiers=("logreg",))
    of = run("table", ["logreg"])["other"]
    assert (of["copies"], of["scored"]) == (2, 10)
    assert manifest.read(EXTERNAL / "other/in_dataset.csv")["copy_of"].tolist() == ["main5", "main6"]
    assert of["scores"]["logreg"]["test"]["accuracy"]["value"] == 1.0
    assert [row["measure"] for row in of["shift"]] == ["classes"]
    assert "hardly differ from those here in the class shares." in _described()
    other.drop(columns="x3").to_csv("data/raw/other/t.csv", index=False)
    with pytest.raises(Stop, match="other: the table of other has no column 'x3'"):
        external.main()


def test_pictures_and_one_that_is_in_both(in_tmp):
    text = "reader: pictures\nlabel: parent\nsource: {pattern: '(.+)'}\n"
    for name, n in (("main", 8), ("other", 3)):
        for label, colour in (("red", 180), ("blue", 60)):
            for k in range(n):
                rng = np.random.default_rng([n, colour, k])
                pixels = np.full((20, 30, 3), (240 - colour, 60, colour)) + rng.normal(0, 9, (20, 30, 3))
                path = Path(f"data/raw/{name}/{label}/{k}.png")
                path.parent.mkdir(parents=True, exist_ok=True)
                cv2.imwrite(str(path), pixels.clip(0, 255).astype(np.uint8))
        dataset(name, text, ["other"] if name == "main" else [])
    shutil.copyfile("data/raw/main/red/5.png", "data/raw/other/red/9.png")
    settle(classifiers=("linear_svc_png",))
    of = run("png", ["linear_svc_png"])["other"]
    assert (of["scored"], of["copies"]) == (6, 1)
    assert of["scores"]["linear_svc_png"]["test"]["accuracy"]["value"] == 1.0


def test_log_mel_arrays(in_tmp):
    keys = "reader: eventroll\nrolls: 'rolls/{stem}.npy'\nsounds: mel\nframe_rate: 10.0\nmel: dB\n"
    keys += "classes: [bell, hum]\nsource: {pattern: '([a-z]+)[0-9]'}\n"

    def write(name, sources, bands=8):
        for folder in ("mel", "rolls"):
            Path(f"data/raw/{name}/{folder}").mkdir(parents=True, exist_ok=True)
        for source in sources:
            for k in range(4):
                rng = np.random.default_rng([len(name), ord(source), k])
                roll = np.tile([[k % 2], [k // 2]], 20).astype(np.float32)
                mel = rng.normal(-60, 1, (bands, 20)) + 30 * np.repeat(roll, bands // 2, axis=0)
                np.save(f"data/raw/{name}/mel/{source}{k}.npy", mel.astype(np.float32))
                np.save(f"data/raw/{name}/rolls/{source}{k}.npy", roll)

    write("main", "abcdef")
    write("other", "gh")
    dataset("main", keys, ["other"])
    dataset("other", keys)
    settle()
    of = run()["other"]
    assert (of["scored"], of["copies"], of["common"]) == (8, 0, ["bell", "hum"])
    assert of["scores"]["svm"]["test"]["micro_f1"]["value"] > 0.8
    shutil.rmtree("data/raw/other")
    write("other", "gh", bands=6)
    with pytest.raises(Stop, match="other: its arrays have 6 mel bands, those of this dataset 8"):
        external.main()


DIGITS = "reader: folder\nlabel: {pattern: '^(\\d)_'}\nsource: {pattern: '^\\d_([a-z]+)_'}\n"
SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")


def _spoken(fsdd, name, speakers, sr=SR):
    for path in sorted(fsdd.rglob("*.wav")):
        _, speaker, take = path.stem.split("_")
        if speaker in speakers and int(take) < 4:
            y, _ = soundfile.read(path)
            write_wav(Path(f"data/raw/{name}/{path.name}"), y if sr == SR else soxr.resample(y, SR, sr), sr)
    lists = {"validation": [SPEAKERS[1]], "test": [one for one in speakers if one in SPEAKERS[2:]]}
    for part, of_part in lists.items():
        names = [f"{d}_{one}_{take}.wav\n" for one in of_part for d in range(10) for take in range(4)]
        Path(f"data/raw/{name}/{part}.txt").write_text("".join(names))


def test_three_speakers_against_three_others_score_as_in_one_dataset(fsdd, in_tmp):
    lists = "lists: {validation: validation.txt, test: test.txt}\n"
    _spoken(fsdd, "all", (*SPEAKERS[:2], *SPEAKERS[3:]))
    dataset("all", DIGITS + lists)
    settle("all", split__method="given")
    run()
    expected = read_json("metrics/classifiers/svm.json")
    stored = pd.read_csv("data/predictions/svm/probabilities.csv").query("split == 'test'")
    assert len(stored) == 120

    _spoken(fsdd, "main", SPEAKERS[:3])
    _spoken(fsdd, "other", SPEAKERS[3:])
    _spoken(fsdd, "faster", SPEAKERS[3:], sr=22_050)
    dataset("main", DIGITS + lists, ["other", "faster"])
    for name in ("other", "faster"):
        dataset(name, DIGITS)
    settle("main", split__method="given")
    of = run()
    svm = of["other"]["scores"]["svm"]
    assert {key: svm["test"][key] for key in ("accuracy", "balanced_accuracy", "f1")} == {
        key: expected["test"][key] for key in ("accuracy", "balanced_accuracy", "f1")
    }
    for key in ("classes", "probabilities", "confusion", "by_source"):
        assert svm[key] == expected[key]
    predicted = pd.read_csv(EXTERNAL / "other/predictions/svm/probabilities.csv")
    merged = predicted.set_index("clip_id").loc[stored["clip_id"]]
    columns = [f"p({digit})" for digit in range(10)]
    assert merged[columns].to_numpy().tolist() == stored[columns].to_numpy().tolist()
    faster = of["faster"]["scores"]["svm"]["test"]["accuracy"]["value"]
    assert faster == pytest.approx(expected["test"]["accuracy"]["value"], abs=0.02)
    assert of["faster"]["shift"][0]["measure"] == "sr_original" and of["faster"]["shift"][0]["distance"] == 1.0


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
    assert report.main  # the page itself is of tests/report
