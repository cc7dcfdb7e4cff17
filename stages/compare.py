"""DVC stage `compare`: all classifiers in one table, the leakage gap above it; one summary for `dvc metrics diff`."""

from pathlib import Path

import pandas as pd

from stages.core import manifest, params
from stages.core.command import run
from stages.core.manifest import SPLIT
from stages.core.storage import read_json, write_json, write_text
from stages.core.task import Task
from stages.scoring.tables import between, markdown, number

METRICS = Path("metrics")


def main():
    """Read what params.yaml names, never what happens to lie in the folder."""
    names = list(params.load(dict[str, dict], "classifiers"))
    _forget_others(METRICS / "each", names)
    each = {name: read_json(METRICS / "each" / f"{name}.json") for name in names}
    audit = read_json(METRICS / "audit.json")
    write_json(METRICS / "summary.json", _summary(each, audit))
    rows = [(name, *row) for name in names for row in each[name]["confusion"]]
    manifest.write(pd.DataFrame(rows, columns=["model", "actual", "predicted", "clips"]), METRICS / "confusion.csv")
    text = _text(params.dataset(), each, audit, _commonest_class())
    write_text(METRICS / "comparison.md", text)
    print(text)


def _forget_others(folder, names):
    """Scores of classifiers that params.yaml no longer names would make this folder differ from that of a clone."""
    for path in folder.glob("*.json"):
        if path.stem not in names:
            path.unlink()


def _summary(each, audit):
    """Few numbers, so that a review reads them: the gaps; of each classifier accuracy, with its interval, and F1."""
    summary = {"gap": {name: found["gap"]["value"] for name, found in audit["leakage"].items()}}
    for name, scores in each.items():
        accuracy = scores["test"]["accuracy"]
        summary[name] = {"accuracy": accuracy["value"], "low": accuracy["low"], "high": accuracy["high"]}
        summary[name] |= {"f1": scores["test"]["f1"]["value"], "validation": scores["validation"]["accuracy"]["value"]}
    return summary


def _commonest_class():
    """The accuracy on test of always answering what is commonest in train."""
    split, task = manifest.read(SPLIT), Task.read()
    rows = manifest.parts(split)
    targets = task.targets(split["labels"])
    answer = task.decide(targets[rows["train"]].mean(axis=0, keepdims=True))
    return float((targets[rows["test"]] == answer).all(axis=1).mean())


def _text(dataset, each, audit, commonest):
    gaps = [
        (name, number(f["by_clip"]), number(f["by_source"]), f"{f['gap']['value']:+.3f}", between(f["gap"], "+"))
        for name, f in audit["leakage"].items()
    ]
    best_first = sorted(each.items(), key=lambda item: (-item[1]["validation"]["accuracy"]["value"], item[0]))
    rows = [(name, number(scores["validation"]["accuracy"]), *_cells(scores["test"])) for name, scores in best_first]
    test = next(iter(each.values()))["test"]
    return "\n".join(
        [
            f"# {dataset}",
            "",
            f"The leakage gap: accuracy over {audit['folds']} folds of all clips, had the clips of one source been "
            "dealt to several folds (by clip), and with every source in one fold (by source). Believe the second.",
            "",
            markdown(["reference", "by clip", "by source", "gap", "95 % over sources"], gaps),
            "",
            f"The comparison: {test['clips']} test clips of {test['sources']} source{'s' * (test['sources'] > 1)} "
            f"that no classifier has heard. Always answering the commonest class gives an accuracy of {commonest:.3f}. "
            "Choose by the first column, of the validation sources; the others, of the test sources, say what you get.",
            "",
            markdown(["classifier", "validation", "accuracy", "95 %", "balanced", "95 %", "F1", "95 %"], rows),
            "",
            *_caution(test["sources"]),
        ]
    )


def _cells(scores):
    return [cell(scores[key]) for key in ("accuracy", "balanced_accuracy", "f1") for cell in (number, between)]


def _caution(n_sources):
    if n_sources < 2:
        return ["One test source: no interval can be given, and the next source may score very differently.", ""]
    if n_sources < 10:
        return [f"{n_sources} test sources are few: intervals over so few are too narrow rather than too wide.", ""]
    return []


if __name__ == "__main__":
    run(main)
