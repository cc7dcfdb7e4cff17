"""Every section of params.yaml and the dataset file, checked before any work is done."""

from sourcewise.audits.audit import AuditParams
from sourcewise.audits.duplicates import DuplicatesParams
from sourcewise.compute.parallel import ComputeParams
from sourcewise.core import params, registry
from sourcewise.core.errors import Stop
from sourcewise.core.params import AudioParams, TrainParams
from sourcewise.core.paths import PARAMS
from sourcewise.datasets import dataset_file
from sourcewise.datasets.augment import AugmentParams
from sourcewise.datasets.ingest import IngestParams
from sourcewise.datasets.split import SplitParams
from sourcewise.eda.explore import ExploreParams
from sourcewise.evaluation.evaluate import EvaluateParams
from sourcewise.models.denoising.scoring import DenoiseParams
from sourcewise.report.build import ReportParams

#: Sections that are one model each.
SECTIONS = {
    "audio": AudioParams,
    "ingest": IngestParams,
    "duplicates": DuplicatesParams,
    "split": SplitParams,
    "augment": AugmentParams,
    "denoise": DenoiseParams,
    "train": TrainParams,
    "audit": AuditParams,
    "explore": ExploreParams,
    "evaluate": EvaluateParams,
    "report": ReportParams,
    "compute": ComputeParams,
}
#: Sections of entries, and the package of their modules.
ENTRIES = {
    "features": "features",
    "denoisers": "models.denoisers",
    "embeddings": "models.embeddings",
    "generators": "models.generators",
    "classifiers": "models.classifiers",
}


def check():
    """Stop at the first thing that is wrong in params.yaml or in the dataset file; returns the names of all sections."""
    content = params.read_yaml(PARAMS)
    sections = ["dataset", *SECTIONS, *ENTRIES]
    for key in sections:
        if key not in content:
            raise Stop(f"{PARAMS}: section {key!r} is missing")
    for key in content:
        if key not in sections:
            raise Stop(f"{PARAMS}: {key!r} is not a known section, there are: {', '.join(sections)}")
    dataset = dataset_file.chosen()
    if params.load(dict, "split").get("method") == "given" and not dataset_file.load(dataset).gives_split:
        raise Stop(f"{dataset_file.path(dataset)}: split.method is 'given', but no split is read: set split or lists")
    dataset_file.load(dataset)
    for key, model in SECTIONS.items():
        params.load(model, key)
    for key, package in ENTRIES.items():
        for name in params.load(dict[str, dict], key):
            module = registry.module(package, name)
            if key != "classifiers":
                params.load(module.Params, f"{key}.{name}")
    if content["denoise"]["apply"] not in content["denoisers"]:
        names = ", ".join(content["denoisers"])
        raise Stop(f"{PARAMS}: denoise.apply is {content['denoise']['apply']!r}, there are denoisers: {names}")
    _check_inputs(content)
    return sections


def _check_inputs(content):
    """Each classifier has features that something makes, and at the rate that it expects."""
    made = {*content["features"], *content["embeddings"], *(f"mfcc_{name}" for name in content["generators"])}
    for name in content["classifiers"]:
        p = params.classifier(registry.module("models.classifiers", name).Params, name)
        if p.input not in made:
            names = ", ".join(sorted(made))
            raise Stop(f"{PARAMS}: classifiers.{name}.input is {p.input!r}, which nothing makes; there are: {names}")
        rate = content["features"].get(p.input, {}).get("sr")
        if getattr(p, "sr", rate) != rate:
            raise Stop(f"{PARAMS}: classifiers.{name}.sr is {p.sr}, but features.{p.input}.sr is {rate}")
