import numpy as np
import pandas as pd
import pytest

from sourcewise.audits import audit as audit_library
from sourcewise.audits import leakage
from sourcewise.core import params
from sourcewise.core.errors import Stop
from sourcewise.datasets import manifest
from sourcewise.datasets.task import Task
from sourcewise.models import entries
from sourcewise.models.examples import Examples, read_features
from sourcewise.storage.files import read_json
from stages import audit, augment, duplicates, extract, ingest, split
from tests.conftest import REPOSITORY, change_params, small_corpus, write_wav


def test_the_gap_of_real_speakers(in_tmp, fsdd):
    # its README gives, for an SVM on means and deviations of 20 MFCC: 0.986 with a random split, 0.519 by speaker
    text = (REPOSITORY / "params.yaml").read_text().replace("sr: 16000", "sr: 8000").replace("voices", "fsdd")
    (in_tmp / "params.yaml").write_text(text)
    (in_tmp / "data/datasets/fsdd.yaml").write_text((REPOSITORY / "data/datasets/fsdd.yaml").read_text())
    (in_tmp / "data/raw").mkdir()
    (in_tmp / "data/raw/fsdd").symlink_to(fsdd)
    ingest.main()
    duplicates.main()
    split.main()
    augment.main()
    extract.main("mfcc")
    clips, task = manifest.read(), Task.read()
    targets = task.targets(clips["labels"])
    module, p = entries.classifier("svm")
    examples = Examples(read_features(p.features), targets, clips["source"].to_numpy())
    fit = audit_library.fitting(module, p, examples, task)
    groups = {"random_split": clips["clip_id"], "grouped_split": clips["source"]}
    probabilities = {scheme: leakage.out_of_fold(fit, of, targets, folds=5, seed=0) for scheme, of in groups.items()}
    scores = leakage.gap(probabilities, clips["source"], targets, task)
    assert scores["random_split"]["value"] == pytest.approx(0.986, abs=0.01)
    assert scores["grouped_split"]["value"] == pytest.approx(0.52, abs=0.08)
    assert 0.1 < scores["gap"]["low"] < scores["gap"]["value"] < scores["gap"]["high"]  # six speakers leave it wide


def _audited():
    augment.main()
    for features in ("mfcc", "table"):
        extract.main(features)
    audit.main()
    return read_json("metrics/audit.json")


def test_all_checks_are_in_one_file_and_its_tables(small):
    small()
    results = _audited()
    checks = ["split", "duplicates", "sound", "leakage", "basis", "shortcuts", "mislabels"]
    assert list(results) == ["folds", "sources", *checks, "findings"]
    assert (results["folds"], results["sources"]) == (5, 6)
    assert set(results["leakage"]) == {"svm", "logreg"}
    assert results["split"]["method"] == "source" and results["split"]["shared_sources"] == []
    perfect = {"value": 1, "low": 0.8575, "high": 1}  # 1 - 0.025 ** (1 / 24)
    assert results["mislabels"] == {"recordings": 24, "accuracy": 1, "balanced_accuracy": perfect, "suspected": 0}
    assert "rms_db" in results["shortcuts"] and "sr_original" not in results["shortcuts"]  # all have one rate
    assert results["findings"] == []
    assert len(pd.read_csv("metrics/audit/split.csv")) == 9
    assert pd.read_csv("metrics/audit/mislabels.csv").empty and pd.read_csv("metrics/audit/shortcuts.csv").empty


def test_a_random_split_is_reported_by_split_and_by_the_audit(small, capsys):
    small(split__method="random")
    assert "WARNING: with split.method 'random'" in capsys.readouterr().err
    findings = _audited()["findings"]
    assert [finding["category"] for finding in findings] == ["split"]
    assert findings[0]["text"].startswith("The split is random (split.method): ")
    assert "of 6 sources have clips in several parts of the split" in findings[0]["text"]


def test_random_labels_are_not_accused(in_tmp):
    """On noise with random labels 84 of 96 recordings would be suspected."""
    small_corpus(in_tmp)
    for path in (in_tmp / "data/raw/small").rglob("*.wav"):
        rng = np.random.default_rng(list(str(path.relative_to(in_tmp)).encode()))
        write_wav(path, rng.normal(0, 0.1, 2400), 8000)
    for stage in (ingest, duplicates, split):
        stage.main()
    results = _audited()
    assert results["mislabels"]["recordings"] == 24 and "suspected" not in results["mislabels"]
    assert results["not_run"]["mislabels"].startswith("cannot be judged: the references have a balanced accuracy of 0.")
    assert pd.read_csv("metrics/audit/mislabels.csv").empty
    assert "mislabels" not in [finding["category"] for finding in results["findings"]]


def test_classes_of_one_source_each_cannot_be_held_out(small):
    folder = small()
    change_params(folder, {"split.method": "given"})
    rule = "{pattern: '/([a-z])', table: {a: train, b: train, c: train, d: train, e: validation, f: test}}"
    content = f"title: t\nlicence: l\nreader: folder\nlabel: parent\nsource: parent\nsplit: {rule}\n"
    (folder / "data/datasets/small.yaml").write_text(content)
    for stage in (ingest, duplicates, split):
        stage.main()
    results = _audited()
    assert (results["folds"], results["leakage"], results["shortcuts"]) == (None, {}, {})
    assert results["mislabels"]["suspected"] == 0
    assert [finding["text"][:60] for finding in results["findings"]] == [
        "2 of 2 sources have clips in several parts of the split (`hi",
        "`high`, `low` have one source each: no grouped split is poss",
    ]
    assert "A second source of each class would suffice for this audit" in results["findings"][1]["text"]


def test_label_errors_are_of_whole_recordings(small):
    small(audio__segment_s=0.2)
    results = _audited()
    assert results["mislabels"]["recordings"] == 24
    assert set(results["leakage"]["svm"]) == {"random_split", "grouped_split", "gap"}


def test_fail_on_takes_categories_of_findings_and_no_others():
    content = params.load(dict, "audit", REPOSITORY / "params.yaml")
    assert params.check(audit_library.AuditParams, content | {"fail_on": ["gap", "mislabels"]}, "audit").fail_on
    with pytest.raises(Stop, match="fail_on.0 is 'leak': must be 'split', 'duplicates', 'sound', 'gap', "):
        params.check(audit_library.AuditParams, content | {"fail_on": ["leak"]}, "audit")


def test_recordings_left_out_as_copies_are_counted_and_a_finding(small):
    folder = small()
    raw = folder / "data/raw/small"
    for name in ("high/a8", "high/a9"):
        (raw / f"{name}.wav").write_bytes((raw / "high/a0.wav").read_bytes())
    for stage in (ingest, duplicates, split):
        stage.main()
    results = _audited()
    assert results["duplicates"]["left_out"] == 2 and results["duplicates"]["exact"] == 0
    assert results["findings"] == [
        {
            "category": "duplicates",
            "text": "2 recordings left out as exact copies of others with the same labels and source: see "
            "data/copies.csv; ingest.keep_copies keeps them.",
            "worth": 0,
        }
    ]
    change_params(folder, {"ingest.keep_copies": True})
    for stage in (ingest, duplicates, split):
        stage.main()
    results = _audited()
    assert results["duplicates"]["left_out"] == 0 and results["duplicates"]["exact"] == 2
    assert results["findings"] == []


def test_the_split_is_audited_over_all_folds(small):
    small(split__folds=3)
    results = _audited()
    assert (results["split"]["folds"], results["split"]["missing"], results["split"]["shared_sources"]) == (3, {}, [])
    sizes = pd.read_csv("metrics/audit/split.csv")
    assert len(sizes) == 27 and sizes["fold"].unique().tolist() == [0, 1, 2]
    of_all = sizes[sizes["class"] == "all"]
    assert of_all["clips"].tolist() == [8] * 9 and of_all["sources"].tolist() == [2] * 9
