from pathlib import Path

import pandas as pd
import pytest

from sourcewise.core.errors import Stop
from sourcewise.core.paths import SOURCES, SPLIT
from sourcewise.datasets import manifest
from sourcewise.datasets.task import Task
from sourcewise.report import generation
from sourcewise.storage.files import read_json, write_json
from stages import evaluate


def _score(value, low=None, high=None):
    return {"value": value, "low": low, "high": high} | ({"why": "1 source"} if low is None else {})


def _scores(validation, test, sources, **ends):
    part = {"clips": 4, "sources": sources}
    keys = ("accuracy", "balanced_accuracy", "f1")
    return {
        "validation": part | {key: _score(validation) for key in keys},
        "test": part | {key: _score(test, **ends) for key in keys},
        "selection": {"log_loss": 1 - validation, "of_folds": [1 - validation], "temperatures": [1]},
        "folds": [{"accuracy": test, "clips": 4, "sources": sources}],
        "probabilities": {"calibration": {"error": 0.1, "bins": [[3, 0.75, 1.0], [1, 0.95, 0.0]]}},
        "roc": [[0.0, 0.5], [1.0, 1.0]],
        "by_source": {f"s{k}": [8, 8 if k else round(8 * test)] for k in range(sources)},
        "confusion": [["a", "a", 3], ["a", "b", 1], ["b", "a", 0], ["b", "b", 0]],
    }


def _verdict(chosen, others, metric="accuracy", folds=1):
    """What the table needs of metrics/verdict.json."""
    score = _score(0.75, 0.5, 0.875)
    keys = dict.fromkeys((metric, "accuracy", "balanced_accuracy", "f1"), score)
    compared = {name: {"p_corrected": 0.0625 * k, "relation": "equal"} for k, name in enumerate(others, start=1)}
    worst = [{"source": "ann", "recordings": 4, "right": 1, "value": 0.25, "low": 0.1, "high": 0.9}]
    return {
        **{"metric": metric, "folds": folds, "procedure": keys, "compared": compared, "worst_sources": worst},
        "chosen": {"name": chosen, "among": len(others)} | keys,
        "sentences": ["Yes, it is.", "Next: go on."],
    }


@pytest.fixture
def repository(in_tmp):
    entries = "{svm: {model: svm, features: mfcc}, cnn: {model: cnn, features: mel}}"
    text = f"dataset: own\nclassifiers: {entries}\ngenerators: {{}}\ndenoise: {{apply: none}}\ndenoisers: {{}}\n"
    (in_tmp / "params.yaml").write_text(text)
    (in_tmp / "data/datasets/own.yaml").write_text("")
    Task("binary", ("a", "b")).write()
    labels = ["b", "b", "a", "a", "a", "a", "b"]
    split = pd.DataFrame({"clip_id": list("1234567"), "labels": labels, "source": "s", "parent": list("1234567")})
    split["fold_0"] = ["train"] * 3 + ["test"] * 4
    manifest.write(split, SPLIT)
    gap = {"random_split": _score(0.99, 0.9, 1), "grouped_split": _score(0.5, 0.4, 0.6), "gap": _score(0.49, 0.3, 0.6)}
    write_json("metrics/external.json", {})
    write_json("metrics/audit.json", {"folds": 5, "leakage": {"svm": gap}, "findings": []})
    write_json("metrics/classifiers/svm.json", _scores(0.6, 0.9, 3, low=0.8, high=1))
    write_json("metrics/classifiers/cnn.json", _scores(0.8, 0.7, 3, low=0.5, high=0.9))
    write_json("metrics/classifiers/majority.json", _scores(0.3, 0.5, 3, low=0.4, high=0.6))
    write_json("metrics/verdict.json", _verdict("cnn", ["svm", "majority"]))
    table = pd.DataFrame({"source": ["ann", "bo|b"], "recordings": [4, 4], "procedure": [0.25, 1]})
    manifest.write(table.assign(svm=[0.5, 1], cnn=[0.25, 0.75]), SOURCES)
    return in_tmp


def test_the_verdict_is_on_top_and_the_chosen_classifier_in_the_first_row(repository):
    evaluate.write_comparison()
    lines = (repository / "metrics/comparison.md").read_text().splitlines()
    assert lines[:5] == ["# own", "", "Yes, it is.", "", "Next: go on."]
    gap, cnn, svm, majority = (line for line in lines if line.startswith(("| svm ", "| cnn ", "| majority")))
    assert gap == "| svm       |        0.990 |         0.500 | +0.490 | +0.300 to +0.600 |"
    assert cnn.startswith("| cnn (chosen)            |    0.200 |    0.700 | 0.500 to 0.900 |")
    assert svm.startswith("| svm                     |    0.400 |    0.900 | 0.800 to 1.000 |")
    assert majority.startswith("| majority-class baseline |    0.700 |    0.500 | 0.400 to 0.600 |")
    assert [line.split("|")[-2].strip() for line in (cnn, svm, majority)] == ["-", "0.062", "0.12"]
    text = "\n".join(lines)
    assert "has the lowest log loss on validation sources" in text
    assert "Young's correction for the number of comparisons" in text
    assert any("With only 3 test sources" in line for line in lines)


def test_with_folds_the_procedure_is_the_first_row_and_the_chosen_one_is_marked(repository):
    write_json("metrics/verdict.json", _verdict("cnn", ["svm", "majority"], folds=5))
    evaluate.write_comparison()
    text = (repository / "metrics/comparison.md").read_text()
    rows = [line for line in text[text.index("| classifier") :].splitlines() if line.startswith("| ")]
    assert rows[1].startswith("| procedure               |        - |    0.750 | 0.500 to 0.875 |")
    assert rows[2].startswith("| cnn (chosen here)       |    0.200 |    0.700 |")
    assert "among 2 on these sources: its scores are optimistic, the procedure's are not" in text


def test_the_worst_sources_have_a_table(repository):
    evaluate.write_comparison()
    text = (repository / "metrics/comparison.md").read_text()
    assert text[text.index("| source ") :].splitlines()[:4] == [
        "| source | recordings |   cnn | best of all | mean of all |",
        "|--------|-----------:|------:|------------:|------------:|",
        "| ann    |          4 | 0.250 |       0.500 |       0.375 |",
        "| bo\\|b  |          4 | 0.750 |       1.000 |       0.875 |",
    ]


def test_the_summary_holds_few_numbers_and_the_scores_are_beside_it(repository):
    evaluate.write_comparison()
    of = {"accuracy": {"value": 0.75, "low": 0.5, "high": 0.875}}
    assert read_json("metrics/summary.json") == {
        "procedure": of,
        "chosen": {"classifier": "cnn"} | of,
        "gap": {"svm": {"value": 0.49, "low": 0.3, "high": 0.6}},
        "worst_source": {"source": "ann", "accuracy": {"value": 0.25, "low": 0.1, "high": 0.9}},
    }
    scores = read_json("metrics/scores.json")
    assert list(scores) == ["svm", "cnn", "majority"]
    same = dict.fromkeys(("accuracy", "balanced_accuracy", "f1"), 0.9)
    assert scores["svm"] == same | {"low": 0.8, "high": 1, "log_loss": 0.4}
    confusion = pd.read_csv("metrics/confusion.csv")
    assert confusion["clips"].tolist() == [3, 1] * 2  # cells without clips are left out, and the baseline


def test_one_source_gets_no_interval(repository):
    for name in ("svm", "cnn"):
        write_json(f"metrics/classifiers/{name}.json", _scores(0.6, 0.9, 1))
    evaluate.write_comparison()
    text = (repository / "metrics/comparison.md").read_text()
    assert "With one test source no interval can be given" in text
    assert "|    0.900 | none: 1 source |" in text


def _segments(accuracy):
    return {
        f"{part}_segments": {"clips": 9, "sources": 3, "accuracy": _score(accuracy)} for part in ("validation", "test")
    }


def test_where_recordings_were_cut_they_are_counted_with_their_segments_beside(repository):
    write_json("metrics/classifiers/svm.json", _scores(0.6, 0.9, 3, low=0.8, high=1) | _segments(0.75))
    write_json("metrics/classifiers/cnn.json", _scores(0.8, 0.7, 3, low=0.5, high=0.9) | _segments(0.625))
    evaluate.write_comparison()
    text = (repository / "metrics/comparison.md").read_text()
    assert "4 test recordings, cut into 9 segments, of 3 sources unseen in training" in text
    lines = text.splitlines()
    assert next(line for line in lines if line.startswith("| classifier")).endswith("| by segment |")
    assert next(line for line in lines if line.startswith("| cnn")).startswith(
        "| cnn (chosen)            |    0.200 |    0.700 |"
    )
    assert next(line for line in lines if line.startswith("| cnn")).endswith("|      0.625 |")
    scores = read_json("metrics/scores.json")
    assert (scores["svm"]["accuracy"], scores["svm"]["segments"]) == (0.9, 0.75)
    assert (scores["cnn"]["accuracy"], scores["cnn"]["segments"]) == (0.7, 0.625)


def test_a_classifier_that_was_not_run_has_a_row_that_says_why(repository):
    write_json("metrics/classifiers/cnn.json", {"not_run": "no weights"})
    write_json("metrics/verdict.json", _verdict("svm", ["majority"]))
    evaluate.write_comparison()
    text = (repository / "metrics/comparison.md").read_text()
    assert "| classifier | not run, because |" in text and "| cnn        | no weights       |" in text
    assert "cnn" not in read_json("metrics/scores.json")
    write_json("metrics/classifiers/svm.json", {"not_run": "no table"})
    Path("metrics/classifiers/majority.json").unlink()
    with pytest.raises(Stop, match="no classifier ran: svm: no table; cnn: no weights"):
        evaluate.write_comparison()


def test_the_curves_of_all_networks_are_one_table(repository):
    for name, losses in (("svm", [[1.5]]), ("cnn", [[0.5, 0.25], [0.75]])):
        history = {"history": [{"epoch": list(range(len(of))), "validation_loss": of} for of in losses]}
        write_json(f"metrics/classifiers/{name}.json", _scores(0.6, 0.9, 3) | history)
    evaluate.write_comparison()
    assert (repository / "metrics/learning.csv").read_text() == (
        "model,fold,epoch,validation_loss\nsvm,0,0,1.5\ncnn,0,0,0.5\ncnn,0,1,0.25\ncnn,1,0,0.75\n"
    )


def test_pairs_are_written_and_drawn(repository):
    rights = {"svm": [8] * 12, "cnn": [5, 3] * 6}
    for name, right in rights.items():
        tally = {f"s{k:02d}": [8, r] for k, r in enumerate(right)}
        write_json(f"metrics/classifiers/{name}.json", _scores(0.6, 0.9, 12, low=0.8, high=1) | {"by_source": tally})
    evaluate.write_comparison()
    assert (repository / "metrics/pairs.csv").read_text().splitlines()[0] == (
        "classifier,other,difference,low,high,p,p_holm,significant"
    )
    pair = pd.read_csv("metrics/pairs.csv").iloc[0]
    assert (pair["classifier"], pair["other"], pair["difference"]) == ("svm", "cnn", 0.5)
    assert pair["p"] == pytest.approx(2 / 2**12, rel=1e-3) and pair["significant"]
    assert "svm" in (repository / "metrics/critical_difference.svg").read_text()


def test_curves_and_calibration_of_all_are_one_table_each(repository):
    evaluate.write_comparison()
    assert (repository / "metrics/roc.csv").read_text().splitlines() == [
        "model,false_positive_rate,true_positive_rate",
        *("svm,0.0,0.5", "svm,1.0,1.0", "cnn,0.0,0.5", "cnn,1.0,1.0"),
    ]
    assert (repository / "metrics/calibration.csv").read_text().splitlines()[:3] == [
        "model,answers,confidence,right",
        *("svm,3,0.75,1.0", "svm,1,0.95,0.0"),
    ]


def test_findings_precede_the_tables(repository):
    audit = read_json("metrics/audit.json")
    findings = [{"category": "split", "text": "At random."}, {"category": "gap", "text": "Wide."}]
    write_json("metrics/audit.json", audit | {"findings": findings})
    evaluate.write_comparison()
    lines = (repository / "metrics/comparison.md").read_text().splitlines()
    assert lines[8:10] == ["- split: At random.", "- gap: Wide."]
    assert lines[11].startswith("The leakage gap:")


def test_denoisers_have_a_table_and_the_one_before_extraction_is_named(repository):
    gain, none = {"value": 7.26, "low": 6.04, "high": 8.46}, {"value": 0.0, "low": 0.0, "high": 0.0}
    for name, value in (("mask", gain), ("none", none), ("gone", gain)):
        kinds = {"white": {"0": {"si_sdr_gain": value}, "all": {"si_sdr_gain": value}}}
        write_json(f"metrics/each/denoisers/{name}.json", {"clips": 4, "sources": 2, "kinds": kinds})
    text = (repository / "params.yaml").read_text()
    text = text.replace("apply: none", "apply: mask").replace("denoisers: {}", "denoisers: {none: {}, mask: {}}")
    (repository / "params.yaml").write_text(text)
    evaluate.write_comparison()
    lines = (repository / "metrics/comparison.md").read_text().splitlines()
    assert lines[0] == "# own, its features from clips denoised by mask"
    none, mask = (line for line in lines if line.startswith(("| none", "| mask")))
    assert none.startswith("| none     | white | +0.0 (+0.0 to +0.0) |")
    assert mask.startswith("| mask     | white | +7.3 (+6.0 to +8.5) |") and lines[-1] == mask
    assert not (repository / "metrics/each/denoisers/gone.json").exists()


def test_generators_are_compared_with_held_out_clips_and_noise(repository):
    text = (repository / "params.yaml").read_text().replace("generators: {}", "generators: {one: {}, two: {}}")
    (repository / "params.yaml").write_text(text)
    parts = ("held_out", "generated", "noise", "shaped_noise")
    scores = {"frechet": dict(zip(parts, (2.0, 4.0, 90.0, 30.0), strict=True))}
    scores |= {measure: {"held_out": 0.5, "generated": 0.25} for measure in ("precision", "recall")}
    scores |= {"diversity": {"held_out": 8.0, "generated": 1.0}, "nearest": {"held_out": 4.0, "generated": 3.0}}
    margin = {"frechet": 0.5, "precision": 0.05, "recall": 0.04, "diversity": 0.8, "nearest": 0.2}
    recognised = {"held_out": 0.9, "generated": 0.4, "margin": 0.1, "chance": 0.1}
    write_json(
        "metrics/each/generators/one.json",
        scores | {"margin": margin, "diagnosis": ["collapsed"], "recognised": recognised},
    )
    write_json("metrics/each/generators/two.json", {"not_run": "1 train clip, too few for a generator"})
    evaluate.write_comparison()
    text = (repository / "metrics/comparison.md").read_text()
    (row,) = (line for line in text.splitlines() if line.startswith("| one "))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    relative = ["0.250 ± 0.050", "0.250 ± 0.040", "0.12 ± 0.10", "0.75 ± 0.05"]
    assert cells[1:] == ["2.0", "4.0 ± 0.5", "30.0", "90.0", *relative, "0.400 ± 0.100", "0.100", "collapsed"]
    assert any(line.startswith("| two ") and "too few" in line for line in text.splitlines())


def test_every_table_has_a_blank_line_before_and_after(repository):
    gain = {"si_sdr_gain": {"value": 7.26, "low": 6.04, "high": 8.46}}
    denoised = {"clips": 4, "sources": 2, "kinds": {"white": {"0": gain, "all": gain}}}
    write_json("metrics/each/denoisers/mask.json", denoised | {"not_measured": {"pesq": "No PESQ here"}})
    write_json("metrics/each/denoisers/none.json", {"not_run": "no sound"})
    write_json("metrics/each/generators/two.json", {"not_run": "1 train clip"})
    text = (repository / "params.yaml").read_text().replace("denoisers: {}", "denoisers: {mask: {}, none: {}}")
    (repository / "params.yaml").write_text(text.replace("generators: {}", "generators: {two: {}}"))
    evaluate.write_comparison()
    text = (repository / "metrics/comparison.md").read_text()
    tables = [paragraph for paragraph in text.split("\n\n") if "|-" in paragraph]
    assert len(tables) == 6 and text.endswith("|\n") and "\n\n\n" not in text
    assert all(line.startswith("|") for table in tables for line in table.splitlines())


def test_the_gain_from_generated_clips_is_reported():
    row = {"classifier": "lstm", "other": "lstm_gan_cnn", "difference": -0.05, "low": -0.2, "high": 0.1}
    others = [row | {"other": "svm"}, row | {"other": "lstm_gan_fcn", "low": None, "high": None}]
    others.append(row | {"classifier": "lstm_gan_fcn", "other": "lstm_gan_fcn_4s"})  # both train on generated clips
    generated = {"lstm": "mfcc", "lstm_gan_cnn": "mfcc_cgan_cnn", "lstm_gan_fcn": "mfcc_cgan_fcn"}
    generated["lstm_gan_fcn_4s"] = "mfcc_cgan_fcn_4s"
    entries = {name: {"model": "lstm", "features": features} for name, features in generated.items()}
    entries |= {"svm": {"model": "svm", "features": "mfcc"}}
    (sentence,) = generation.gains(pd.DataFrame([row, *others]), entries, ["cgan_cnn", "cgan_fcn", "cgan_fcn_4s"])
    assert "lstm_gan_cnn +0.050 (-0.100 to +0.200), lstm_gan_fcn +0.050." in sentence


def test_for_several_labels_micro_f1_is_the_first_score(repository):
    for name, validation, micro in (("svm", 0.6, 0.75), ("cnn", 0.8, 0.5), ("majority", 0.3, 0.25)):
        scores = _scores(validation, 0.9, 3, low=0.8, high=1)
        for part in ("validation", "test"):
            scores[part]["micro_f1"] = _score(micro, 0.25, 0.875)
        write_json(f"metrics/classifiers/{name}.json", scores)
    write_json("metrics/verdict.json", _verdict("cnn", ["svm", "majority"], metric="micro_f1"))
    evaluate.write_comparison()
    text = (repository / "metrics/comparison.md").read_text()
    header, _, first, second = text[text.index("| classifier") :].splitlines()[:4]
    assert [cell.strip() for cell in header.split("|")][1:5] == ["classifier", "log loss", "micro F1", "95 % CI"]
    cells = ["cnn (chosen)", "0.200", "0.500", "0.250 to 0.875", "0.900"]
    assert [cell.strip() for cell in first.split("|")][1:6] == cells
    assert second.startswith("| svm")
    assert "micro F1 is over all clips and classes at once" in text and "0.5 for any constant prediction" in text
    assert read_json("metrics/scores.json")["svm"]["micro_f1"] == 0.75
    assert read_json("metrics/summary.json")["chosen"]["micro_f1"]["value"] == 0.75
