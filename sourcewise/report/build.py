"""The report: data, results and audit, gathered and drawn."""

from io import StringIO
from pathlib import Path

from pydantic import NonNegativeInt, PositiveFloat
from ruamel.yaml import YAML

from sourcewise.compute.progress import progress
from sourcewise.core import params
from sourcewise.core.markdown import span
from sourcewise.core.params import Section
from sourcewise.core.paths import AUDIT, AUDIT_TABLES, EACH, METRICS, REJECTED
from sourcewise.datasets import dataset_file, manifest
from sourcewise.datasets.folds import Split
from sourcewise.datasets.task import Task
from sourcewise.report import classifier, figures, findings, listening, provenance, sounds
from sourcewise.report.claims import CLAIMED
from sourcewise.report.page import Page
from sourcewise.storage.files import read_json

REQUIREMENTS = Path("requirements.txt")
REJECTED_LISTED = 50


class ReportParams(Section):
    """`report`: the most recordings listed, with image and sound, per classifier (misclassified) and per table of the
    audit; the most seconds of a recording."""

    max_listed: NonNegativeInt
    longest_s: PositiveFloat


def build(p, folder):
    """Write the page into a folder; returns the Page. p: ReportParams."""
    page = Page(folder)
    split, task, dataset = Split.read(), Task.read(), dataset_file.chosen()
    clips = split.clips
    recordings = sounds.Recordings(clips, page.folder, p.longest_s)
    content = {"title": dataset_file.load(dataset).title, "dataset": dataset, "task": task}
    content |= _classifiers(page, task, clips, recordings, p.max_listed)
    content |= _audit(page, split, task, recordings, p.max_listed)
    content |= {
        "denoisers": [listening.denoiser(name, page) for name in params.load(dict[str, dict], "denoisers")],
        "generators": [listening.generator(name, page) for name in params.load(dict[str, dict], "generators")],
        "explored": listening.explored(page, recordings, clips),
        "provenance": _provenance(),
    }
    page.write(content)
    return page


def _classifiers(page, task, clips, recordings, listed):
    """The classifiers that ran, the best on validation first, with a section for each; why others did not run."""
    each = {
        name: read_json(EACH / "classifiers" / f"{name}.json") for name in params.load(dict[str, dict], "classifiers")
    }
    ran = {name: scores for name, scores in each.items() if "not_run" not in scores}
    key = "accuracy" if task.one_label else "micro_f1"
    chosen_by = {name: scores["validation"][key]["value"] for name, scores in ran.items()}
    order = sorted(ran, key=lambda name: (-chosen_by[name], name))
    models = [
        classifier.section(name, ran[name], page, task, clips, recordings, listed=listed)
        | {"params": _yaml(params.load(dict, f"classifiers.{name}"))}
        for name in progress(order, total=len(order), title="report", unit="classifier")
    ]
    if order:
        page.copy(METRICS / "critical_difference.svg", "critical_difference.svg")
        page.draw("intervals", figures.intervals([(name, ran[name]["test"]["accuracy"]) for name in order]))
    return {
        "key": key,
        "order": order,
        "tied": [name for name in order[1:] if chosen_by[name] == chosen_by[order[0]]],
        "each": ran,
        "not_run": {name: scores["not_run"] for name, scores in each.items() if "not_run" in scores},
        "models": models,
        "claimed": CLAIMED,
    }


def _audit(page, split, task, recordings, listed):
    """The audit, split sizes, and rejected files."""
    audit, rejected, clips = read_json(AUDIT), manifest.read(REJECTED), split.clips
    sizes = _sizes(manifest.read(AUDIT_TABLES / "split.csv"))
    return {
        "audit": audit,
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
