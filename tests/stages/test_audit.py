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
from tests.conftest import REPOSITORY, change_params


def test_the_gap_of_real_speakers(in_tmp, fsdd):
    # its README gives, for an SVM on means and deviations of 20 MFCC: 0.986 by clip, 0.519 by speaker
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
    probabilities = {way: leakage.out_of_fold(fit, of, targets, folds=5, seed=0) for way, of in groups.items()}
    found = leakage.gap(probabilities, clips["source"], targets, task)
    assert found["random_split"]["value"] == pytest.approx(0.986, abs=0.01)
    assert found["grouped_split"]["value"] == pytest.approx(0.52, abs=0.08)
    assert 0.1 < found["gap"]["low"] < found["gap"]["value"] < found["gap"]["high"]  # six speakers leave it wide


def _audited():
    augment.main()
    for kind in ("mfcc", "table"):
        extract.main(kind)
    audit.main()
    return read_json("metrics/audit.json")


def test_all_checks_are_in_one_file_and_its_tables(small):
    small()
    found = _audited()
    assert list(found) == ["folds", "sources", "split", "duplicates", "leakage", "shortcuts", "mislabels", "findings"]
    assert (found["folds"], found["sources"]) == (5, 6)
    assert set(found["leakage"]) == {"svm", "logreg"}
    assert found["split"]["method"] == "source" and found["split"]["two_sides"] == []
    assert found["mislabels"] == {"recordings": 24, "accuracy": 1, "suspected": 0}
    assert "rms_db" in found["shortcuts"] and "sr_original" not in found["shortcuts"]  # all have one rate
    assert found["findings"] == []
    assert len(pd.read_csv("metrics/audit/split.csv")) == 9
    assert pd.read_csv("metrics/audit/mislabels.csv").empty and pd.read_csv("metrics/audit/shortcuts.csv").empty


def test_a_split_at_random_is_told_by_split_and_by_the_audit(small, capsys):
    small(split__method="random")
    assert "WARNING: with split.method 'random'" in capsys.readouterr().err
    found = _audited()["findings"]
    assert [finding["category"] for finding in found] == ["split", "split"]
    assert found[0]["text"].startswith("Clips were dealt out at random")
    assert "of 6 sources have clips in several parts of the split" in found[1]["text"]


def test_classes_of_one_source_each_leave_nothing_to_hold_out(small):
    folder = small()
    change_params(folder, {"split.method": "given"})
    rule = "{pattern: '/([a-z])', table: {a: train, b: train, c: train, d: train, e: validation, f: test}}"
    card = f"title: t\nlicence: l\nreader: folder\nlabel: parent\nsource: parent\nsplit: {rule}\n"
    (folder / "data/datasets/small.yaml").write_text(card)
    for stage in (ingest, duplicates, split):
        stage.main()
    found = _audited()
    assert (found["folds"], found["leakage"], found["shortcuts"]) == (None, {}, {})
    assert found["mislabels"]["suspected"] == 0
    assert [finding["text"][:60] for finding in found["findings"]] == [
        "2 of 2 sources have clips in several parts of the split (`hi",
        "`high`, `low` have one source each: no score can be given by",
    ]


def test_recordings_that_were_cut_are_judged_whole(small):
    small(audio__segment_s=0.2)
    found = _audited()
    assert found["mislabels"]["recordings"] == 24
    assert set(found["leakage"]["svm"]) == {"random_split", "grouped_split", "gap"}


def test_fail_on_takes_kinds_of_findings_and_no_others():
    content = params.load(dict, "audit", REPOSITORY / "params.yaml")
    assert params.check(audit_library.AuditParams, content | {"fail_on": ["gap", "mislabels"]}, "audit").fail_on
    with pytest.raises(Stop, match="fail_on.0 is 'leak': input should be 'split', 'duplicates', 'gap', 'shortcut' or"):
        params.check(audit_library.AuditParams, content | {"fail_on": ["leak"]}, "audit")
