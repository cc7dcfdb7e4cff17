"""Every section of params.yaml and the dataset file, checked before any work is done."""

from typing import Annotated

from pydantic import Field

from sourcewise.audits.audit import AuditParams
from sourcewise.audits.duplicates import DuplicatesParams
from sourcewise.compute.parallel import ComputeParams
from sourcewise.core import messages, params, registry
from sourcewise.core.errors import Stop, available, count
from sourcewise.core.params import AudioParams, Section
from sourcewise.core.paths import PARAMS
from sourcewise.datasets import dataset_file
from sourcewise.datasets.augment import AugmentParams
from sourcewise.datasets.ingest import IngestParams
from sourcewise.datasets.split import MAX_ALL, SplitParams
from sourcewise.eda.explore import ExploreParams
from sourcewise.evaluation.choice import ENSEMBLE, MAJORITY
from sourcewise.evaluation.evaluate import EvaluateParams
from sourcewise.evaluation.verdict import PROCEDURE
from sourcewise.models import entries
from sourcewise.models.adversarial import settings as adversarial
from sourcewise.models.denoising import settings as denoising
from sourcewise.models.denoising.scoring import DenoiseParams
from sourcewise.models.keras import settings as keras
from sourcewise.models.micrograd import settings as micrograd
from sourcewise.models.sklearn import settings as sklearn
from sourcewise.report.build import ReportParams


class TrainParams(Section):
    """`train`: the settings that entries share.

    threshold: for binary and multi-label tasks, the probability from which on a class is predicted; null: chosen on
    validation, for each class. keras, sklearn, micrograd: for classifiers of that family; denoisers; generators.
    """

    threshold: Annotated[float, Field(gt=0, lt=1)] | None
    keras: keras.Shared
    sklearn: sklearn.Shared
    micrograd: micrograd.Shared
    denoisers: denoising.Shared
    generators: adversarial.Shared


#: Sections, and the model that each must match.
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
#: Sections of entries, and the function that reads an entry by its name.
ENTRIES = {
    "features": lambda name: params.load(registry.module("features", name).Params, f"features.{name}"),
    "denoisers": entries.denoiser,
    "embeddings": entries.embedding,
    "generators": entries.generator,
    "classifiers": entries.classifier,
}
#: What classifiers cannot be called: other rows and columns of metrics/scores.json and metrics/sources.csv.
RESERVED = (ENSEMBLE, MAJORITY, PROCEDURE, "source", "recordings")
#: The sections that training depends on.
TRAINING = ("audio", "denoise", "denoisers", "train", "classifiers", "generators")
#: Features that stages of dvc.yaml read by name, and these stages; `generate` exists where there is a generator.
READ_BY_NAME = {"png": ("images",), "table": ("audit", "explore"), "mfcc": ("audit", "generate")}


def check():
    """Stop at the first error in params.yaml or the dataset file; returns the content of params.yaml."""
    content = params.read_yaml(PARAMS)
    sections = ["dataset", *SECTIONS, *ENTRIES]
    for key in sections:
        if key not in content:
            raise Stop(f"{PARAMS}: section {key!r} is missing")
    for key in content:
        if key not in sections:
            raise Stop(f"{PARAMS}: {key!r} is not a known section{available(key, sections)}")
    dataset = dataset_file.chosen()
    if params.load(dict, "split").get("method") == "given" and not dataset_file.load(dataset).gives_split:
        raise Stop(
            f"{dataset_file.path(dataset)}: split.method is 'given', but the dataset has no split: set split or lists"
        )
    dataset_file.external(dataset)
    for key, model in SECTIONS.items():
        params.load(model, key)
    for name, stages in READ_BY_NAME.items():
        if name not in params.load(dict[str, dict], "features"):
            raise Stop(f"{PARAMS}: features.{name} is missing, which dvc.yaml reads in {' and '.join(stages)}")
    for key, read in ENTRIES.items():
        for name in params.load(dict[str, dict], key):
            read(name)
    if content["denoise"]["apply"] not in content["denoisers"]:
        applied = content["denoise"]["apply"]
        raise Stop(f"{PARAMS}: denoise.apply: No denoiser {applied!r}{available(applied, content['denoisers'])}")
    _check_names(content)
    _check_folds(content)
    _check_rates(content)
    _check_references(content)
    return content


def settings(content):
    """All that a result may depend on: the content of params.yaml without `compute`, and of the dataset file."""
    of_dataset, external = params.read_yaml(dataset_file.path(content["dataset"])), external_files(content)
    settings = {key: value for key, value in content.items() if key != "compute"} | {"dataset_file": of_dataset}
    return settings | ({"external_files": external} if external else {})


def external_files(content):
    """{name: the content of the dataset file} of the datasets that `external` names."""
    named = dataset_file.external(content["dataset"])
    return {one.dataset: params.read_yaml(dataset_file.path(one.dataset)) for one in named}


def read_generators():
    """The names of the generators whose clips some classifier trains on."""
    classifiers, generators = (params.load(dict[str, dict], key) for key in ("classifiers", "generators"))
    features = {entry["features"] for entry in classifiers.values()}
    return [name for name in generators if f"{entries.GENERATED}_{name}" in features]


def _check_names(content):
    """Stop where a classifier has the name of another row or column of the tables of results."""
    for name in content["classifiers"]:
        if name in RESERVED:
            raise Stop(f"{PARAMS}: classifiers.{name}: the name is that of a row of the results, choose another one")


def _check_folds(content):
    """Print what a cross-validation will cost. A trained denoiser has seen train clips of the first fold, some of which
    other folds test: it cannot stand before the features."""
    denoiser, p = content["denoise"]["apply"], params.load(SplitParams, "split")
    if p.folds is None:
        return
    n, up_to = (MAX_ALL, "up to ") if p.folds == "all" else (p.folds, "about ")
    folds, n_fits = "up to " * (p.folds == "all") + f"{n} folds", len(content["classifiers"]) * n
    messages.info(
        f"{count(len(content['classifiers']), 'classifier')} on {folds}: {up_to}{n_fits:,} fits, which take {up_to}"
        f"{(n - 2) / p.fractions['train']:.0f} times as long as with one split"
    )
    if entries.denoiser(denoiser)[1].model_fields.get("training"):
        raise Stop(
            f"{PARAMS}: denoise.apply is {denoiser!r}, which is trained on clips that other folds test: set it to a "
            "denoiser that is not trained, or split.folds to null"
        )


def _check_rates(content):
    """Stop where a classifier expects another sample rate than that of its features."""
    for name in content["classifiers"]:
        _, p = entries.classifier(name)
        rate = content["features"].get(p.features, {}).get("sr")
        if "sr" in type(p).model_fields and p.sr != rate:
            raise Stop(f"{PARAMS}: classifiers.{name}.sr is {p.sr}, but features.{p.features}.sr is {rate}")


def _check_references(content):
    """Stop where a reference of the audit is not of the family sklearn, or its features are not read by `audit`."""
    allowed = [name for name, stages in READ_BY_NAME.items() if "audit" in stages]
    for name in content["audit"]["references"]:
        _, p = entries.classifier(name, section="audit.references")
        where = f"{PARAMS}: audit.references.{name}"
        if p.family != "sklearn":
            raise Stop(f"{where}.family is {p.family!r}, must be 'sklearn': a reference is fitted many times")
        if p.features not in allowed:
            raise Stop(f"{where}.features is {p.features!r}, must be one of {', '.join(allowed)}")
