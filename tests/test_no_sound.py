"""Corpora that are no sound, through the stages: a table with the genre corpus' columns, and folders of pictures."""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from xgboost import XGBClassifier

from stages import (
    audit,
    augment,
    check,
    compare,
    denoise,
    duplicates,
    embed,
    enlarge,
    evaluate,
    explore,
    extract,
    gan,
    ingest,
    pictures,
    predict,
    report,
    split,
    train,
)
from stages.core import clips, manifest, params
from stages.core.stop import Stop
from stages.core.storage import read_json
from tests.conftest import REPOSITORY, change_params

#: The first line of the published features_30_sec.csv.
HEADER = (
    "filename,length,chroma_stft_mean,chroma_stft_var,rms_mean,rms_var,spectral_centroid_mean,spectral_centroid_var,"
    "spectral_bandwidth_mean,spectral_bandwidth_var,rolloff_mean,rolloff_var,zero_crossing_rate_mean,"
    "zero_crossing_rate_var,harmony_mean,harmony_var,perceptr_mean,perceptr_var,tempo,mfcc1_mean,mfcc1_var,mfcc2_mean,"
    "mfcc2_var,mfcc3_mean,mfcc3_var,mfcc4_mean,mfcc4_var,mfcc5_mean,mfcc5_var,mfcc6_mean,mfcc6_var,mfcc7_mean,"
    "mfcc7_var,mfcc8_mean,mfcc8_var,mfcc9_mean,mfcc9_var,mfcc10_mean,mfcc10_var,mfcc11_mean,mfcc11_var,mfcc12_mean,"
    "mfcc12_var,mfcc13_mean,mfcc13_var,mfcc14_mean,mfcc14_var,mfcc15_mean,mfcc15_var,mfcc16_mean,mfcc16_var,"
    "mfcc17_mean,mfcc17_var,mfcc18_mean,mfcc18_var,mfcc19_mean,mfcc19_var,mfcc20_mean,mfcc20_var,label"
)
TABLE, PICTURES = "the corpus is a table of features, not sound", "the corpus is pictures, not sound"


@pytest.fixture
def repository(in_tmp):
    """A function that copies the repository's params.yaml, with few classifiers and values changed, and a card."""

    def make(dataset, classifiers, **values):
        content = params.read_yaml(REPOSITORY / "params.yaml")
        few = {"classifiers": {name: content["classifiers"][name] for name in classifiers}}
        few |= {"gans": {name: content["gans"][name] for name in ("dcgan", "cgan_cnn")}}
        few |= {"denoisers": {"none": content["denoisers"]["none"]}}
        (in_tmp / "params.yaml").write_text((REPOSITORY / "params.yaml").read_text())
        change_params(in_tmp, few | {"dataset": dataset} | {k.replace("__", "."): v for k, v in values.items()})
        card = f"data/cards/{dataset}.yaml"
        (in_tmp / card).write_text((REPOSITORY / card).read_text())
        (in_tmp / "data/raw" / dataset).mkdir(parents=True)
        return in_tmp / "data/raw" / dataset

    return make


def _table(n=20):
    """n songs each of three genres, told by the first MFCC, the other columns being noise of very different sizes."""
    rng = np.random.default_rng(0)
    columns = HEADER.split(",")
    rows = []
    for k, genre in enumerate(("blues", "jazz", "rock")):
        values = pd.DataFrame(rng.normal(size=(n, 58)) * np.logspace(-5, 6, 58), columns=columns[1:-1])
        values = values.abs().assign(length=661_794 + rng.integers(0, 3, n))
        values["mfcc1_mean"] += 10 * k * values["mfcc1_mean"].std()
        rows.append(values.assign(filename=[f"{genre}.{i:05d}.wav" for i in range(n)], label=genre)[columns])
    return pd.concat(rows, ignore_index=True)


def _copy(table, of, to, **changed):
    columns = HEADER.split(",")[1:-1]
    table.loc[to, columns] = table.loc[of, columns].to_numpy()
    for name, value in changed.items():
        table.loc[to, name] = value


def _to_the_split(*more):
    for stage in (check, ingest, duplicates, split, augment, *more):
        stage.main()


def _reasons(*paths):
    return {str(path): read_json(path).get("reason") or read_json(path).get("not_run") for path in paths}


def _explored():
    return [figure["file"].removesuffix(".json") for figure in read_json("data/explore/figures.json")]


def _reported():
    """The report's page."""
    for name in ("requirements.in", "requirements.txt"):
        Path(name).write_text((REPOSITORY / name).read_text())
    explore.main()
    report.main()
    return (report.REPORT / "index.html").read_text()


def test_a_published_table_with_the_split_and_the_classifiers_of_its_report(repository, capsys):
    table = _table()
    _copy(table, of=3, to=5)  # both blues
    _copy(table, of=21, to=44, tempo=99.0)  # jazz and rock
    own = {"svm", "logreg", "xgboost", "logreg_rms_zcr", "logreg_png"}
    values = {"split__method": "given"}
    values |= {"classifiers__logreg__C": 1.0, "classifiers__xgboost__n_trees": 20, "audit__folds": 3}
    raw = repository("gtzan_table", sorted(own), **values)
    table.to_csv(raw / "features_30_sec.csv", index=False)
    _to_the_split()

    rows = manifest.read()
    assert rows.columns.tolist() == manifest.COLUMNS and len(rows) == 60
    assert rows.iloc[0][["path", "labels", "source"]].tolist() == ["blues.00000.wav", "blues", "blues.00000"]
    assert (rows[["start", "n_samples", "duration_s", "sr", "sr_original"]] == 0).all(axis=None)
    assert rows["hash"].nunique() == 59
    found = manifest.read(manifest.DUPLICATES).merge(rows, on="clip_id")[["path", "kind", "similarity"]]
    assert found.to_numpy().tolist() == [["blues.00003.wav", "exact", 1.0], ["jazz.00001.wav", "near", 0.983]]
    parts = manifest.read(manifest.SPLIT)
    assert parts["split"].value_counts().to_dict() == {"train": 42, "test": 17, "validation": 1}
    theirs, _ = train_test_split(table["filename"], test_size=0.3, random_state=42)
    assert set(parts.loc[parts["split"] == "train", "path"]) == set(theirs)
    assert "blues.00003+blues.00005" in set(parts["source"]) and "jazz.00001+rock.00004" in set(parts["source"])

    for kind in params.load(dict, "features"):
        extract.main(kind)
    written = (raw / "features_30_sec.csv").read_text().splitlines()
    assert written[0] == HEADER
    lines = (raw.parents[1] / "features/table/table.csv").read_text().splitlines()
    assert lines[0] == HEADER and lines[1:] == sorted(written[1:])  # these names sort as their clip_ids do
    reasons = _reasons(*(f"data/features/{kind}/not_run.json" for kind in ("mfcc", "mel", "stft", "wave", "png")))
    assert set(reasons.values()) == {TABLE}

    audit.main()
    denoise.main("none")
    for name in ("dcgan", "cgan_cnn"):
        gan.main(name)
        enlarge.main(name)
    embed.main("mobilenet_v2")
    pictures.main()
    explore.main()
    assert _explored() == ["rms", "zcr", "correlation", "pca", "components"]
    reasons = _reasons(
        *("models/denoisers/none/not_run.json", "data/denoised/none/not_run.json", "metrics/denoise/none.json"),
        *("data/generated/dcgan/not_run.json", "metrics/gan/dcgan.json", "data/features/mobilenet_v2/not_run.json"),
        "data/pictures/not_run.json",
    )
    assert set(reasons.values()) == {TABLE}
    audited = read_json("metrics/audit.json")
    assert audited["not_run"] == {"svm": TABLE, "shortcuts": TABLE}
    assert list(audited["leakage"]) == ["logreg"] and audited["mislabels"]["recordings"] == 60
    assert audited["duplicates"] | {"in_two_parts": 0} == {
        **{"exact": 1, "near": 1, "of_two_sources": 2, "in_two_parts": 0, "of_two_labels": 1}
    }

    for name in own:
        train.main(name)
        evaluate.main(name)
    compare.main()
    text = (raw.parents[2] / "metrics/comparison.md").read_text()
    for name in ("svm", "logreg_png"):
        assert f"| {name:<10} | {TABLE} |" in text
    assert f"| dcgan     | {TABLE} |" in text and f"| none     | {TABLE} |" in text
    assert set(read_json("metrics/summary.json")) == {"gap", "logreg", "xgboost", "logreg_rms_zcr"}
    page = _reported()
    assert f"<b>svm:</b> {TABLE}" in page and page.count(f"Not run: {TABLE}") == 3 and "<audio" not in page

    # the report's classifiers, on all 58 columns, `length` among them, scaled by train
    numbers = table.set_index("filename").drop(columns="label").loc[parts["path"]].to_numpy(float)
    labels, is_train = np.unique(parts["labels"], return_inverse=True)[1], (parts["split"] == "train").to_numpy()
    for name, estimator in {
        "logreg": make_pipeline(MinMaxScaler(), LogisticRegression(C=1, max_iter=1000)),
        "xgboost": XGBClassifier(n_estimators=20, max_depth=6, learning_rate=0.05, random_state=0, n_jobs=1),
    }.items():
        said = pd.read_csv(f"data/predictions/{name}/probabilities.csv").set_index("clip_id")
        p = estimator.fit(numbers[is_train], labels[is_train]).predict_proba(numbers[~is_train])
        p = pd.DataFrame(p, index=parts["clip_id"][~is_train]).loc[said.index]
        assert np.abs(said.iloc[:, 1:].to_numpy() - p.to_numpy()).max() < 1e-5, name
        assert read_json(f"metrics/each/{name}.json")["test"]["accuracy"]["value"] >= 0.7  # chance: 0.33
    with pytest.raises(Stop, match="logreg was trained on a corpus of the kind 'table'"):
        predict.main("logreg", ["."], "text")


def test_rows_may_be_dealt_out_at_random(repository):
    shares = {"train": 0.7, "validation": 0.05, "test": 0.25}
    raw = repository("gtzan_table", ["logreg"], split__method="random", split__seed=42, split__fractions=shares)
    _table().to_csv(raw / "features_30_sec.csv", index=False)
    _to_the_split()
    assert manifest.read(manifest.SPLIT)["split"].value_counts().to_dict() == {"train": 42, "test": 15, "validation": 3}


def test_a_column_that_is_left_out_is_not_learned_from(repository):
    table = _table()
    table["length"] = table["label"].map({"blues": 1, "jazz": 2, "rock": 3})
    table["mfcc1_mean"] = table["mfcc2_mean"]  # so that nothing else tells
    found = {}
    raw = repository("gtzan_table", ["xgboost"], classifiers__xgboost__n_trees=20)
    table.to_csv(raw / "features_30_sec.csv", index=False)
    card = raw.parents[1] / "cards/gtzan_table.yaml"
    for left_out in ("", "leave_out: [length]\n"):
        card.write_text(card.read_text() + left_out)
        _to_the_split()
        extract.main("table")
        train.main("xgboost")
        evaluate.main("xgboost")
        found[left_out] = read_json("metrics/each/xgboost.json")["test"]["accuracy"]["value"]
    assert found[""] == 1 and found["leave_out: [length]\n"] < 0.7


def test_a_row_without_a_number_is_rejected(repository):
    raw = repository("gtzan_table", ["logreg"], ingest__max_rejected=0.1)
    table = _table().astype({"tempo": object})
    table.loc[0, "tempo"], table.loc[21, "tempo"], table.loc[42, "rms_var"] = "fast", "", np.inf
    table.to_csv(raw / "features_30_sec.csv", index=False)
    ingest.main()
    assert manifest.read("data/rejected.csv").to_numpy().tolist() == [
        ["blues.00000.wav", "has no number in column 'tempo', but 'fast'"],
        ["jazz.00001.wav", "has no number in column 'tempo', but ''"],
        ["rock.00002.wav", "has no number in column 'rms_var', but 'inf'"],
    ]
    assert len(manifest.read()) == len(clips.rows()) == 57
    assert clips.rows()["clip_id"].tolist() == manifest.read()["clip_id"].tolist()


def test_a_denoiser_before_what_is_no_sound_is_refused(repository):
    raw = repository("gtzan_table", ["logreg"], denoisers={"mask": {}}, denoise__apply="mask")
    _table().to_csv(raw / "features_30_sec.csv", index=False)
    for stage in (ingest, duplicates, split, augment):
        stage.main()
    with pytest.raises(Stop, match=f"denoise.apply is 'mask', but {TABLE}: set it to none"):
        extract.main("table")


def _picture(colour, seed, size=(40, 60)):
    noise = np.random.default_rng(seed).normal(0, 20, (*size, 3))
    return (np.full((*size, 3), colour) + noise).clip(0, 255).astype(np.uint8)


def _write(path, picture):
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), picture[:, :, ::-1])


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


def test_pictures_are_decoded_resized_and_told_apart(animals):
    same = animals / "Animals/dogs/0001.png"
    cv2.imwrite(str(animals / "Animals/dogs/0012.bmp"), cv2.imread(str(same)))  # the same pixels
    change_params(animals.parents[2], {"ingest.max_rejected": 0.2})
    (animals / "Animals/cats/0000.jpg").write_bytes((animals / "Animals/cats/0002.jpg").read_bytes()[:-200])
    (animals / "Animals/cats/0001.png").write_bytes(b"")
    (animals / "Animals/notes.txt").write_text("no picture")
    _to_the_split()
    assert manifest.read("data/rejected.csv").to_numpy().tolist() == [
        ["Animals/cats/0000.jpg", "is no picture, or is damaged"],
        ["Animals/cats/0001.png", "is no picture, or is damaged"],
    ]
    rows = manifest.read()
    assert rows["labels"].value_counts().to_dict() == {"dogs": 13, "snakes": 12, "cats": 10}
    assert rows["duration_s"].eq(0).all() and rows["n_samples"].min() > 100
    found = manifest.read(manifest.DUPLICATES).to_numpy().tolist()
    assert [(a[:17], b[:17], kind, alike) for a, b, kind, alike, _ in found] == [
        ("Animals_dogs_0001", "Animals_dogs_0012", "exact", 1)
    ]
    parts = manifest.read(manifest.SPLIT)
    twice = parts[parts["path"].isin(["Animals/dogs/0001.png", "Animals/dogs/0012.bmp"])]
    assert twice["source"].nunique() == twice["split"].nunique() == 1

    for kind in params.load(dict, "features"):
        extract.main(kind)
    reasons = _reasons(*(f"data/features/{kind}/not_run.json" for kind in ("mfcc", "mel", "stft", "wave", "table")))
    assert set(reasons.values()) == {PICTURES}
    values = np.load("data/features/png/values.npy")
    assert values.shape == (35 * 8, 12, 3) and values.dtype == np.uint8
    first = rows.index[rows["path"] == "Animals/snakes/0001.png"][0]
    shown = values[8 * first : 8 * first + 8].reshape(-1, 3).mean(axis=0)
    assert np.abs(shown - [60, 60, 180]).max() < 5  # red, green, blue
    pictures.main()
    assert sum(len(list(path.glob("*.png"))) for path in (animals.parents[1] / "pictures").glob("*/snakes")) == 12
    explore.main()
    assert [name.rsplit("-", 1)[1] for name in _explored()] == ["picture"] * 3

    audit.main()
    none = "no reference classifier is run"
    assert read_json("metrics/audit.json")["not_run"] == {
        **{"svm": PICTURES, "logreg": PICTURES, "shortcuts": PICTURES, "mislabels": none}
    }
    denoise.main("none")
    change_params(animals.parents[2], {"gans.dcgan.training.epochs": 1, "gans.dcgan.clips": 20})
    for name in ("dcgan", "cgan_cnn"):
        gan.main(name)
    for name in ("logreg_png", "svm", "logreg"):
        train.main(name)
        evaluate.main(name)
    compare.main()
    assert read_json("metrics/each/logreg_png.json")["test"]["accuracy"]["value"] == 1
    text = (animals.parents[2] / "metrics/comparison.md").read_text()
    assert f"| logreg     | {PICTURES} |" in text and f"| cgan_cnn  | {PICTURES} |" in text
    assert "frechet" in read_json("metrics/gan/dcgan.json")
    page = _reported()
    pairs = page.split('class="pairs"')[1].split("</ul>")[0]
    assert pairs.count('<img src="pictures/Animals_dogs_') == 2 and "<audio" not in page


def test_faces_of_one_class_are_generated_and_not_classified(repository):
    size = {"features__png__height": 16, "features__png__width": 16}
    few = {"gans__dcgan__training__epochs": 1, "gans__dcgan__clips": 20}
    raw = repository("anime_faces", ["logreg_png", "svm", "logreg"], **size, **few)
    for i in range(20):
        _write(raw / f"images/{i}_2004.jpg", _picture((200, 170, 150), i))
    _to_the_split()
    assert read_json("data/labels.json") == {"kind": "multiclass", "classes": ["face"]}
    for kind in params.load(dict, "features"):
        extract.main(kind)
    audit.main()
    denoise.main("none")
    for name in ("dcgan", "cgan_cnn"):
        gan.main(name)
    for name in ("logreg_png", "svm", "logreg"):
        train.main(name)
        evaluate.main(name)
    compare.main()
    text = (raw.parents[2] / "metrics/comparison.md").read_text()
    assert "No classifier ran." in text and "| logreg_png | the corpus has one class only, 'face' |" in text
    assert "| dcgan     |" in text and read_json("metrics/summary.json") == {"gap": {}}
    assert "<b>No classifier ran.</b>" in _reported()
