"""External datasets of several labels, of tables, of pictures and of log-mel, and of real speakers."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
import soundfile
import soxr

from sourcewise.core.errors import Stop
from sourcewise.datasets import manifest
from sourcewise.datasets.external import EXTERNAL
from sourcewise.storage.files import read_json
from stages import evaluate
from tests.conftest import write_wav
from tests.stages.external_corpora import SR, corpus, dataset, described, run, settle


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
    assert "hardly differ from those here in the class shares." in described()
    other.drop(columns="x3").to_csv("data/raw/other/t.csv", index=False)
    with pytest.raises(Stop, match="other: the table of other has no column 'x3'"):
        evaluate.predict_external(["logreg"])


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
        evaluate.predict_external(["svm"])


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
