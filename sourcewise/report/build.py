"""The report: data, results and audit, gathered and drawn."""

from io import StringIO
from pathlib import Path

from pydantic import NonNegativeInt, PositiveFloat
from ruamel.yaml import YAML

from sourcewise.audits import SHOWN
from sourcewise.compute.progress import progress
from sourcewise.core import messages, params
from sourcewise.core.markdown import span
from sourcewise.core.params import Section
from sourcewise.core.paths import AUDIT, AUDIT_TABLES, METRICS, REJECTED, REPORT, SCORES, SOURCES, VERDICT
from sourcewise.datasets import dataset_file, manifest
from sourcewise.datasets.external import SCORES as EXTERNAL_SCORES
from sourcewise.datasets.folds import Split
from sourcewise.datasets.task import Task
from sourcewise.evaluation.choice import MAJORITY
from sourcewise.evaluation.metrics import HEADLINE
from sourcewise.report import classifier, external_section, figures, findings, listening, provenance, sounds
from sourcewise.report.claims import CLAIMED
from sourcewise.report.comparison import ROWS, table_order
from sourcewise.report.page import Page
from sourcewise.storage.files import fresh_folder, read_json

REQUIREMENTS = Path("requirements.txt")
REJECTED_LISTED = 50
SOURCES_LISTED = 50


class ReportParams(Section):
    """`report`: the most recordings listed, with image and sound, per classifier (misclassified) and per table of the
    audit; the most seconds of a recording."""

    max_listed: NonNegativeInt
    longest_s: PositiveFloat


def write(p):
    """Write metrics/report/index.html, one page on data, results and audit that needs no server and no network; its
    folder may be zipped and mailed. p: ReportParams."""
    with sounds.cached_images() as mel_image:
        _write(Page(fresh_folder(REPORT)), p, mel_image)


def _write(page, p, mel_image):
    split, task, dataset = Split.read(), Task.read(), dataset_file.chosen()
    clips = split.clips
    recordings = sounds.Recordings(clips, page.folder, p.longest_s, mel_image=mel_image)
    content = {"title": dataset_file.load(dataset).title, "dataset": dataset, "task": task}
    content |= _classifiers(page, task, clips, recordings, p.max_listed)
    others = external_section.sections(page, read_json(EXTERNAL_SCORES), task, p.longest_s, p.max_listed, mel_image)
    content |= {"external": others}
    content |= _audit(page, split, task, recordings, p.max_listed)
    content |= {
        "denoisers": [listening.denoiser(name, page) for name in params.load(dict[str, dict], "denoisers")],
        "generators": [listening.generator(name, page) for name in params.load(dict[str, dict], "generators")],
        "explored": listening.explored(page, recordings, clips),
        "provenance": _provenance(),
    }
    page.write(content)
    messages.info(f"{page.path}: {page.megabytes():.0f} MB")


def _classifiers(page, task, clips, recordings, listed):
    """The verdict; the classifiers that ran, the chosen one first, with a section for each; why others did not run."""
    entries = params.load(dict[str, dict], "classifiers")
    each = {name: read_json(SCORES / f"{name}.json") for name in entries}
    each |= {name: read_json(path) for name in ROWS if (path := SCORES / f"{name}.json").is_file()}
    ran = {name: scores for name, scores in each.items() if "not_run" not in scores}
    verdict = read_json(VERDICT) if ran else None
    order = table_order(ran, verdict["chosen"]["name"]) if ran else []
    predicting = [name for name in order if name != MAJORITY]
    models = [
        classifier.section(name, ran[name], page, task, clips, recordings, listed=listed)
        | {"params": _yaml(entries[name] if name in entries else {"members": ran[name]["members"]})}
        for name in progress(predicting, total=len(predicting), title="report", unit="classifier")
    ]
    sources = manifest.read(SOURCES) if ran else None
    if order:
        page.copy(METRICS / "critical_difference.svg", "critical_difference.svg")
        page.draw("intervals", figures.intervals([(name, ran[name]["test"]["accuracy"]) for name in order]))
        page.draw("sources", figures.by_source(sources))
    return {
        "key": "accuracy" if task.one_label else "micro_f1",
        "headline": {name: title for name, title in HEADLINE.items() if name != "micro_f1" or not task.one_label},
        "verdict": verdict,
        "order": order,
        "each": ran,
        "not_run": {name: scores["not_run"] for name, scores in each.items() if "not_run" in scores},
        "models": models,
        "sources": sources.head(SOURCES_LISTED).to_dict("records") if ran else [],
        "n_sources": len(sources) if ran else 0,
        "claimed": CLAIMED,
    }


def _audit(page, split, task, recordings, listed):
    """The audit, split sizes, and rejected files."""
    audit, rejected, clips = read_json(AUDIT), manifest.read(REJECTED), split.clips
    sizes = _sizes(manifest.read(AUDIT_TABLES / "split.csv"))
    return {
        "audit": audit,
        "n_shown": SHOWN,
        "duplicates": findings.duplicates(page, recordings, clips, listed),
        "mislabels": findings.mislabels(recordings, listed),
        "shortcuts": findings.shortcuts(audit, recordings, clips, listed),
        "audioset": findings.recognised(task, recordings, clips, listed),
        "split_sizes": sizes,
        "rejected": rejected.head(REJECTED_LISTED).to_dict("records"),
        "n_rejected": len(rejected),
        "n": {"clips": len(clips), "recordings": clips["parent"].nunique(), "sources": clips["source"].nunique()},
        "n_folds": len(split.folds),
        "parts": {row["split"]: (row["clips"], row["sources"]) for row in sizes if row["class"] == "all"},
    }


def _sizes(table):
    """The rows of a table of `split_sizes.parts`, the numbers of all folds in one, as "3" or "3 to 5"."""
    numbers = {"sources": int, "clips": int, "seconds": float}
    of_folds = table.astype(numbers).groupby(["class", "split"], sort=False)
    return of_folds[[*numbers]].agg(span).reset_index().to_dict("records")


def _provenance():
    """Ids of code, packages, dataset and parameters; without `compute`, as no result depends on it."""
    content = {key: value for key, value in params.read_yaml(params.PARAMS).items() if key != "compute"}
    return {
        "contents": provenance.contents(
            ["sourcewise", "stages", dataset_file.path(dataset_file.chosen()), REQUIREMENTS]
        ),
        "packages": provenance.packages(),
        "dataset": provenance.dataset(),
        "params": _yaml(content),
    }


def _yaml(content):
    """Sections of params.yaml as text, in their order."""
    text, writer = StringIO(), YAML(typ="safe", pure=True)
    writer.sort_base_mapping_type_on_output, writer.default_flow_style, writer.width = False, False, 100
    writer.dump(content, text)
    return text.getvalue()
