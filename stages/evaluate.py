"""DVC stage `evaluate`: all classifiers on the datasets that `external` of the dataset file names; their predictions
scored, and one chosen; the ensemble of the best; classifiers, denoisers and generators compared; the verdict; the
summary for `dvc metrics diff`; the report. Nothing is trained."""

from sourcewise.audits.duplicates import DuplicatesParams
from sourcewise.compute.parallel import ComputeParams
from sourcewise.core import params
from sourcewise.core.command import run
from sourcewise.core.params import AudioParams
from sourcewise.core.paths import AUDIT, CLASSIFIERS, SCORES, SOURCES, VERDICT
from sourcewise.datasets import dataset_file, manifest
from sourcewise.datasets.external import NAMES, keep_only
from sourcewise.datasets.external import SCORES as EXTERNAL_SCORES
from sourcewise.datasets.folds import Split
from sourcewise.datasets.ingest import IngestParams
from sourcewise.datasets.task import Task
from sourcewise.evaluation import ensemble, external
from sourcewise.evaluation.choice import ENSEMBLE
from sourcewise.evaluation.evaluate import EvaluateParams, evaluate
from sourcewise.inference.external import predict
from sourcewise.report import build, comparison
from sourcewise.report.tables import by_source_table
from sourcewise.report.verdict import sentences
from sourcewise.storage.files import fresh_folder, read_json, write_json


def main():
    """Score, then compare, the entries of params.yaml; the report of all stages."""
    names = params.load(dict[str, dict], "classifiers")
    predict_external(names)
    write_scores(names)
    print(write_comparison())
    build.write(params.load(build.ReportParams, "report"))


def predict_external(names):
    """Write the predictions of these classifiers on external datasets, fetched where they are missing, and the names
    of these. Nothing is fitted or chosen on them."""
    named = dataset_file.external(dataset_file.chosen())
    keep_only([one.dataset for one in named])
    settings = {
        "ingest": params.load(IngestParams, "ingest"),
        "audio": params.load(AudioParams, "audio"),
        "similarity": params.load(DuplicatesParams, "duplicates").similarity,
        "compute": params.load(ComputeParams, "compute").model_copy(update={"backend": "threads"}),
    }
    for one in named:
        predict(one, names, Task.read(), **settings)
    write_json(NAMES, [one.dataset for one in named])


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
    ensemble.write_model(fresh_folder(CLASSIFIERS / ENSEMBLE), done, task)


def write_comparison():
    """Write what compares the entries by their scores; returns the comparison in Markdown."""
    entries = {name: params.load(dict[str, dict], name) for name in ("classifiers", "denoisers", "generators")}
    denoiser = params.load(str, "denoise.apply")
    title = dataset_file.chosen()
    title += "" if denoiser == "none" else f", its features from clips denoised by {denoiser}"
    return comparison.write(title, **entries)


if __name__ == "__main__":
    run(main)
