"""A table with GTZAN's columns."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from xgboost import XGBClassifier

from sourcewise.core import params
from sourcewise.core.errors import Stop
from sourcewise.core.paths import DUPLICATES
from sourcewise.datasets import clips, manifest
from sourcewise.datasets.folds import Split
from sourcewise.inference import predict
from sourcewise.storage.files import read_json, write_json
from stages import (
    audit,
    augment,
    denoise,
    duplicates,
    embed,
    evaluate,
    explore,
    extract,
    generate,
    images,
    ingest,
    split,
    train,
)
from tests.no_sound.conftest import TABLE, evaluated, explored, reasons, to_the_split

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


def _table(n=20):
    """n songs each of three genres, separated by the first MFCC; the other columns are noise of different sizes."""
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


def test_a_published_table_with_the_split_and_the_classifiers_of_its_report(repository, capsys):
    table = _table()
    _copy(table, of=3, to=5)  # both blues
    _copy(table, of=21, to=44, tempo=99.0)  # jazz and rock
    own = {"svm", "logreg", "xgboost", "logreg_rms_zcr", "logreg_png"}
    values = {"split__method": "given"}
    values |= {"classifiers__logreg__C": 1.0, "classifiers__xgboost__n_trees": 20, "audit__folds": 3}
    raw = repository("gtzan_table", sorted(own), **values)
    table.to_csv(raw / "features_30_sec.csv", index=False)
    to_the_split()

    rows = manifest.read()
    assert rows.columns.tolist() == manifest.COLUMNS and len(rows) == 60
    assert rows.iloc[0][["path", "labels", "source"]].tolist() == ["blues.00000.wav", "blues", "blues.00000"]
    assert (rows[["start", "n_samples", "duration_s", "sr", "sr_original"]] == 0).all(axis=None)
    assert rows["hash"].nunique() == 59
    pairs = manifest.read(DUPLICATES).merge(rows, on="clip_id")[["path", "kind", "similarity"]]
    assert pairs.to_numpy().tolist() == [["blues.00003.wav", "exact", 1.0], ["jazz.00001.wav", "near", 0.983]]
    parts = Split.read().of_fold(0)
    assert parts["split"].value_counts().to_dict() == {"train": 42, "test": 17, "validation": 1}
    theirs, _ = train_test_split(table["filename"], test_size=0.3, random_state=42)
    assert set(parts.loc[parts["split"] == "train", "path"]) == set(theirs)
    assert "blues.00003+blues.00005" in set(parts["source"]) and "jazz.00001+rock.00004" in set(parts["source"])

    for features in params.load(dict, "features"):
        extract.main(features)
    written = (raw / "features_30_sec.csv").read_text().splitlines()
    assert written[0] == HEADER
    lines = (raw.parents[1] / "features/table/table.csv").read_text().splitlines()
    assert lines[0] == HEADER and lines[1:] == sorted(written[1:])  # these names sort as their clip_ids do
    why = reasons(*(f"data/features/{features}/not_run.json" for features in ("mfcc", "mel", "stft", "wave", "png")))
    assert set(why.values()) == {TABLE}

    audit.main()
    denoise.main("none")
    for name in ("dcgan", "cgan_cnn"):
        generate.main(name)
    embed.main("mobilenet_v2")
    images.main()
    explore.main()
    assert explored() == ["rms", "zcr", "correlation", "pca", "components"]
    why = reasons(
        *(
            "models/denoisers/none/not_run.json",
            "data/samples/denoisers/none/not_run.json",
            "metrics/each/denoisers/none.json",
        ),
        *(
            "data/samples/generators/dcgan/not_run.json",
            "metrics/each/generators/dcgan.json",
            "data/features/mobilenet_v2/not_run.json",
        ),
        "data/images/not_run.json",
    )
    assert set(why.values()) == {TABLE}
    audited = read_json("metrics/audit.json")
    unjudged = audited["not_run"].pop("mislabels")  # of three classes, by a classifier with 0.63
    assert unjudged.startswith("cannot be judged: the references have a balanced accuracy of 0.63 (")
    assert audited["not_run"] == {"svm": TABLE, "shortcuts": TABLE}
    assert list(audited["leakage"]) == ["logreg"] and audited["mislabels"]["recordings"] == 60
    assert audited["duplicates"] | {"in_two_parts": 0} == {
        **{"exact": 1, "near": 1, "of_two_sources": 2, "in_two_parts": 0, "of_two_labels": 1, "tested": 17},
        "left_out": 0,
    }

    for name in own:
        train.main(name)
    text, page = evaluated()
    for name in ("svm", "logreg_png"):
        assert f"| {name:<10} | {TABLE} |" in text
    assert f"| dcgan     | {TABLE} |" in text and f"| none     | {TABLE} |" in text
    assert set(read_json("metrics/summary.json")) == {"procedure", "chosen", "gap", "worst_source"}
    names = {"logreg", "xgboost", "logreg_rms_zcr"}
    assert set(read_json("metrics/scores.json")) == names | {"ensemble", "majority"}
    assert f"<b>svm:</b> {TABLE}" in page and page.count(f"Not run: {TABLE}") == 3 and "<audio" not in page

    # the report's classifiers, on all 58 columns, `length` among them, scaled by train
    numbers = table.set_index("filename").drop(columns="label").loc[parts["path"]].to_numpy(float)
    labels, is_train = np.unique(parts["labels"], return_inverse=True)[1], (parts["split"] == "train").to_numpy()
    for name, estimator in {
        "logreg": make_pipeline(MinMaxScaler(), LogisticRegression(C=1, max_iter=1000)),
        "xgboost": XGBClassifier(n_estimators=20, max_depth=6, learning_rate=0.05, random_state=0, n_jobs=1),
    }.items():
        scores = pd.read_csv(f"data/predictions/{name}/probabilities.csv").set_index("clip_id")
        assert scores.columns.tolist() == ["fold", "split", "p(blues)", "p(jazz)", "p(rock)"]
        p = estimator.fit(numbers[is_train], labels[is_train]).predict_proba(numbers[~is_train])
        p = pd.DataFrame(p, index=parts["clip_id"][~is_train]).loc[scores.index]
        assert np.abs(scores.iloc[:, 2:].to_numpy() - p.to_numpy()).max() < 1e-5, name
        assert read_json(f"metrics/classifiers/{name}.json")["test"]["accuracy"]["value"] >= 0.7  # chance: 0.33
    with pytest.raises(Stop, match="logreg was trained on the modality 'table'"):
        predict.main("logreg", ["."], "text", out_of_fold=False)


def test_rows_may_be_dealt_out_at_random(repository):
    shares = {"train": 0.7, "validation": 0.05, "test": 0.25}
    raw = repository("gtzan_table", ["logreg"], split__method="random", split__seed=42, split__fractions=shares)
    _table().to_csv(raw / "features_30_sec.csv", index=False)
    to_the_split()
    assert Split.read().of_fold(0)["split"].value_counts().to_dict() == {"train": 42, "test": 15, "validation": 3}


def test_a_column_that_is_left_out_is_not_learned_from(repository):
    table = _table()
    table["length"] = table["label"].map({"blues": 1, "jazz": 2, "rock": 3})
    table["mfcc1_mean"] = table["mfcc2_mean"]  # so that only length separates the genres
    accuracy = {}
    raw = repository("gtzan_table", ["xgboost"], classifiers__xgboost__n_trees=20)
    table.to_csv(raw / "features_30_sec.csv", index=False)
    dataset_file = raw.parents[1] / "datasets/gtzan_table.yaml"
    for left_out in ("", "leave_out: [length]\n"):
        dataset_file.write_text(dataset_file.read_text() + left_out)
        to_the_split()
        extract.main("table")
        train.main("xgboost")
        write_json("metrics/audit.json", {"leakage": {}, "findings": []})
        evaluate.write_scores(["xgboost"])
        accuracy[left_out] = read_json("metrics/classifiers/xgboost.json")["test"]["accuracy"]["value"]
    assert accuracy[""] == 1 and accuracy["leave_out: [length]\n"] < 0.7


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


def test_every_row_is_tested_by_the_fold_that_has_not_seen_it(repository):
    values = {"split__folds": 3, "classifiers__logreg__C": 1.0}
    raw = repository("gtzan_table", ["logreg"], **values)
    (table := _table()).to_csv(raw / "features_30_sec.csv", index=False)
    to_the_split()
    extract.main("table")
    train.main("logreg")
    write_json("metrics/audit.json", {"leakage": {}, "findings": []})
    evaluate.write_scores(["logreg"])

    made = Split.read()
    numbers = table.set_index("filename").drop(columns="label").loc[made.clips["path"]].to_numpy(float)
    labels, ids = made.clips["labels"].to_numpy(), made.clips["clip_id"].to_numpy()
    stored = pd.read_csv("data/predictions/logreg/probabilities.csv").set_index(["fold", "split"])
    right = []
    for fold in range(3):
        is_train = made.parts[:, fold] == "train"
        assert is_train.sum() == 20
        model = make_pipeline(MinMaxScaler(), LogisticRegression(C=1, max_iter=1000))
        model.fit(numbers[is_train], labels[is_train])
        for part in ("validation", "test"):
            rows = (made.parts[:, fold] == part).nonzero()[0]
            found = stored.loc[(fold, part)].set_index("clip_id")
            assert found.index.tolist() == ids[rows].tolist() and len(rows) == 20
            assert np.abs(found.to_numpy() - model.predict_proba(numbers[rows])).max() < 1e-5
        right.append(model.predict(numbers[rows]) == labels[rows])
    tested = stored.xs("test", level="split")["clip_id"]
    assert sorted(tested) == sorted(ids)
    scores = read_json("metrics/classifiers/logreg.json")
    assert [of["accuracy"] for of in scores["folds"]] == pytest.approx([hits.mean() for hits in right], abs=1e-4)
    assert scores["test"]["accuracy"]["value"] == pytest.approx(np.mean(right), abs=1e-4)
    assert (scores["test"]["clips"], scores["test"]["sources"]) == (60, 60)
