"""DVC stage `evaluate`: the stored predictions of all classifiers scored, and one chosen; the ensemble of the best;
classifiers, denoisers and generators compared; the verdict; the summary for `dvc metrics diff`. Needs no model."""

from sourcewise.core import params
from sourcewise.core.command import run
from sourcewise.core.paths import AUDIT, CLASSIFIERS, ENSEMBLE_PREDICTIONS, METRICS, NOT_RUN, SCORES, SOURCES, VERDICT
from sourcewise.datasets import dataset_file, manifest
from sourcewise.datasets.external import SCORES as EXTERNAL_SCORES
from sourcewise.datasets.folds import Split
from sourcewise.datasets.task import Task
from sourcewise.evaluation import ensemble, external, predictions
from sourcewise.evaluation.choice import ENSEMBLE
from sourcewise.evaluation.evaluate import EvaluateParams, evaluate
from sourcewise.report.comparison import compare, remove_others
from sourcewise.report.tables import by_source_table
from sourcewise.report.verdict import sentences
from sourcewise.storage.files import fresh_folder, read_json, write_json, write_text


def main():
    """Score, then compare, the entries of params.yaml."""
    write_scores(params.load(dict[str, dict], "classifiers"))
    print(write_comparison())


def write_scores(names):
    """Write the scores of each of these classifiers, or the reason where it did not run; the ensemble; the verdict."""
    task, folder = Task.read(), fresh_folder(SCORES)
    p, threshold = params.load(EvaluateParams, "evaluate"), params.load(float | None, "train.threshold")
    done = evaluate(names, Split.read(), task, p, threshold=threshold, audit=read_json(AUDIT))
    for name, scores in done.scores.items():
        write_json(folder / f"{name}.json", scores)
    others = external.evaluate(done, task, p.bins)
    write_json(EXTERNAL_SCORES, others)
    manifest.write(by_source_table(done.by_source), SOURCES)
    numbers = done.verdict and done.verdict | {"external": external.of_verdict(others)}
    write_json(VERDICT, numbers | {"sentences": sentences(numbers)} if numbers else {})
    model, why_not = fresh_folder(CLASSIFIERS / ENSEMBLE), predictions.not_run(ENSEMBLE_PREDICTIONS)
    if why_not:
        write_json(model / NOT_RUN, {"reason": why_not})
    else:
        ensemble.write_model(model, done.scores[ENSEMBLE]["members"], done.thresholds, task)


def write_comparison():
    """Write what compares the entries by their scores; returns the comparison in Markdown."""
    entries = {name: params.load(dict[str, dict], name) for name in ("classifiers", "denoisers", "generators")}
    for section in ("denoisers", "generators"):
        remove_others(section, entries[section])
    denoiser = params.load(str, "denoise.apply")
    title = dataset_file.chosen()
    title += "" if denoiser == "none" else f", its features from clips denoised by {denoiser}"
    tables, plotted, pairs, diagram, text = compare(title, **entries)
    for name, content in tables.items():
        write_json(METRICS / f"{name}.json", content)
    for name, table in plotted.items():
        manifest.write(table, METRICS / f"{name}.csv")
    manifest.write(pairs, METRICS / "pairs.csv")
    write_text(METRICS / "critical_difference.svg", diagram)
    write_text(METRICS / "comparison.md", text)
    return text


if __name__ == "__main__":
    run(main)
