"""DVC stage `evaluate`: the stored predictions of all classifiers scored; classifiers, denoisers and generators
compared; the summary for `dvc metrics diff`. Needs no model."""

from sourcewise.core import params
from sourcewise.core.command import run
from sourcewise.core.paths import METRICS, PREDICTIONS, SCORES
from sourcewise.datasets import dataset_file, manifest
from sourcewise.datasets.folds import Split
from sourcewise.datasets.task import Task
from sourcewise.evaluation import predictions
from sourcewise.evaluation.evaluate import EvaluateParams, scores_of
from sourcewise.report.comparison import compare, remove_others
from sourcewise.storage.files import fresh_folder, write_json, write_text


def main():
    """Score, then compare, the entries of params.yaml."""
    write_scores(params.load(dict[str, dict], "classifiers"))
    print(write_comparison())


def write_scores(names):
    """Write the scores of each of these classifiers, or the reason where it did not run."""
    p, clips, task, folder = (
        params.load(EvaluateParams, "evaluate"),
        Split.read().clips,
        Task.read(),
        fresh_folder(SCORES),
    )
    for name in names:
        reason = predictions.not_run(PREDICTIONS / name)
        scores = {"not_run": reason} if reason else scores_of(PREDICTIONS / name, clips, task, p)
        write_json(folder / f"{name}.json", scores)


def write_comparison():
    """Write what compares the entries by their scores; returns the comparison in Markdown."""
    entries = {name: params.load(dict[str, dict], name) for name in ("classifiers", "denoisers", "generators")}
    for section in ("denoisers", "generators"):
        remove_others(section, entries[section])
    denoiser = params.load(str, "denoise.apply")
    title = dataset_file.chosen()
    title += "" if denoiser == "none" else f", its features from clips denoised by {denoiser}"
    summary, plotted, pairs, diagram, text = compare(title, **entries)
    write_json(METRICS / "summary.json", summary)
    for name, table in plotted.items():
        manifest.write(table, METRICS / f"{name}.csv")
    manifest.write(pairs, METRICS / "pairs.csv")
    write_text(METRICS / "critical_difference.svg", diagram)
    write_text(METRICS / "comparison.md", text)
    return text


if __name__ == "__main__":
    run(main)
