"""The README's section on your own sound, followed for three downloads as people have them: from nothing to a manifest,
and one of them to the report, without a dataset file written by hand."""

import os
import subprocess

import numpy as np
import pytest

from sourcewise.core.params import read_yaml
from sourcewise.core.paths import REJECTED
from sourcewise.datasets import manifest
from tests.clones import clone, commit, environment
from tests.conftest import change_params, tone
from tests.datasets.propose.conftest import SR, write

HERDS = ("Ålund", "Berg 2", "Öst")
MESSY_TITLES = "Inspelningar 2021;;;;\r\n;;;;\r\nFil;Plats;Art;Längd (s);Anm.\r\n"


def messy():
    """Field recordings of three places under the same names, as recorders write them, with what systems leave beside
    them, a broken file, and a list that Excel saved: semicolons, Latin-1, backslashes, a heading, empty rows."""
    files, rows = {}, []
    for p, place in enumerate(HERDS):
        for k in range(8):
            name = f"{place}/202105{k + 10}_053000.WAV"
            noise = np.random.default_rng([p, k]).normal(0, 0.05, SR // 2)
            files[name] = tone((400, 1500)[k % 2] + 70 * p + 9 * k, seconds=0.5, sr=SR) + noise
            rows.append(f"D:\\fält\\{place}\\202105{k + 10}_053000.wav;{place};{('uggla', 'groda')[k % 2]};0,5;")
            files[f"{place}/._202105{k + 10}_053000.WAV"] = b"\0\5\x16\7Mac OS X"
        files[f"{place}/Thumbs.db"] = files[f"{place}/.DS_Store"] = b"\0\1"
    files["Berg 2/20210520_053000.WAV"] = b"RIFF\0\0\0\0WAVE"
    rows.append("D:\\fält\\Berg 2\\20210520_053000.wav;Berg 2;uggla;0,5;battery was low")
    files["fältlista.csv"] = (MESSY_TITLES + "\r\n".join(rows) + "\r\n;;;;\r\n;;;;\r\n").encode("latin-1")
    return files


def kaggle():
    """A download nested in folders of its own name, with parts, a read-me, and what macOS leaves in an archive."""
    names = [
        f"{part}/{c}/{w}_{k}.wav"
        for part, who in (("Train", "ab"), ("Test", "c"))
        for c in ("Normal", "Crackle")
        for w in who
        for k in range(2)
    ]
    inside = "archive/Lung Sounds/Lung Sounds/"
    files = {inside + name: None for name in names}
    return files | {"archive/__MACOSX/._x": b"x", "archive/readme.txt": "Cite us.", inside + "licence.pdf": b"%PDF"}


def several():
    """A list with several labels, quoted, beside two folders of clips."""
    files = {f"clips/{part}/{k:05d}.wav": None for part in ("dev", "eval") for k in range(12)}
    tags = ("Rain,Wind", "Rain", "Bird,Wind", "Bird")
    rows = [
        f'{path.split("/")[-1][:5]},{path.split("/")[1]},"{tags[k % 4]}",u{k % 24 // 4}' for k, path in enumerate(files)
    ]
    return files | {"meta/labels.csv": "\n".join(["fname,folder,labels,uploader", *rows]) + "\n"}


def test_messy_field_recordings_with_a_list_of_excel(arrived, in_tmp):
    change_params(in_tmp, {"ingest.max_rejected": 0.1})
    table, printed = arrived(messy(), "fältlista.csv")
    assert table.groupby(["source", "labels"]).size().to_dict() == {
        (place, label): 4 for place in HERDS for label in ("groda", "uggla")
    }
    assert set(table["path"]) < {name for name in messy() if name.endswith(".WAV")}
    assert manifest.read(REJECTED)["path"].tolist() == ["Berg 2/20210520_053000.WAV"]
    assert "is not in UTF-8: read as Latin-1" in printed


def test_a_nested_download(arrived):
    table, _ = arrived(kaggle())
    of = table["path"].str.extract(r"(Train|Test)/(\w+)/(\w)_")
    assert (of[1] == table["labels"]).all() and (of[2] == table["source"]).all() and len(table) == 12
    assert (table["given"] == of[0].str.lower()).all()


def test_a_list_of_several_labels(arrived):
    table, _ = arrived(several(), "meta/labels.csv")
    assert len(table) == 24 and set(table["labels"]) == {"Rain|Wind", "Rain", "Bird|Wind", "Bird"}
    assert table["source"].value_counts().to_dict() == {f"u{k}": 4 for k in range(6)}
    assert table.set_index("path")["labels"].to_dict()["clips/eval/00001.wav"] == "Rain"


@pytest.mark.skipif(os.name == "nt", reason="needs bash")
def test_field_recordings_become_a_report(tmp_path):
    folder = clone(tmp_path / "sourcewise", "")
    none = {"generators": {}, "embeddings": {}, "denoisers": {"none": {"model": "none"}}, "ingest.max_rejected": 0.1}
    svm = read_yaml(folder / "params.yaml")["classifiers"]["svm"]
    change_params(folder, none | {"classifiers": {"svm": svm}, "audio.sr": SR})
    commit(folder, "smaller")
    for name, content in messy().items():
        write(folder / "data/raw/birds" / name, content)
    env = environment()
    for command in (
        "python -m sourcewise propose data/raw/birds/fältlista.csv --name birds",
        "dvc exp run -S dataset=birds",
    ):
        done = subprocess.run(["bash", "-c", command], cwd=folder, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    page = (folder / "metrics/report/index.html").read_text()
    assert "groda" in page and "uggla" in page and "Berg 2" in page
