"""DVC stage `check`: every section of params.yaml and the card, before any work is done."""

from importlib import import_module
from pathlib import Path

from stages.core import card, params, registry
from stages.core.command import run
from stages.core.parallel import ComputeParams
from stages.core.stop import Stop
from stages.core.storage import write_text

CHECKED = Path("data/checked.txt")

#: Sections that are one model each, and the stage that owns it.
SECTIONS = {
    "ingest": "IngestParams",
    "duplicates": "DuplicatesParams",
    "split": "SplitParams",
    "augment": "AugmentParams",
    "denoise": "DenoiseParams",
    "audit": "AuditParams",
    "explore": "ExploreParams",
    "evaluate": "EvaluateParams",
    "report": "ReportParams",
}


def main():
    """Stop at the first thing that is wrong; the stage's output is the list of what was checked."""
    content = params.read_yaml(params.PARAMS)
    sections = [
        *("dataset", "audio", "features", "denoisers", "embeddings", "train", "classifiers", "gans"),
        *(*SECTIONS, "compute"),
    ]
    for key in sections:
        if key not in content:
            raise Stop(f"{params.PARAMS}: section {key!r} is missing")
    for key in content:
        if key not in sections:
            raise Stop(f"{params.PARAMS}: {key!r} is not a known section, there are: {', '.join(sections)}")
    dataset = params.dataset()
    if params.load(dict, "split").get("method") == "given" and not card.load(dataset).gives_split:
        raise Stop(f"{params.card_path(dataset)}: split.method is 'given', but no split is read: set split or lists")
    card.load(dataset)
    params.load(params.AudioParams, "audio")
    params.load(ComputeParams, "compute")
    for key, model in SECTIONS.items():
        params.load(getattr(import_module(f"stages.{key}"), model), key)
    for name in params.load(dict[str, dict], "features"):
        params.load(registry.module("features", name).Params, f"features.{name}")
    denoisers, applied = params.load(dict[str, dict], "denoisers"), params.load(str, "denoise.apply")
    for name in denoisers:
        params.load(registry.module("denoisers", name).Params, f"denoisers.{name}")
    if applied not in denoisers:
        raise Stop(f"{params.PARAMS}: denoise.apply is {applied!r}, there are denoisers: {', '.join(denoisers)}")
    for name in params.load(dict[str, dict], "embeddings"):
        params.load(registry.module("embeddings", name).Params, f"embeddings.{name}")
    params.load(params.TrainParams, "train")
    gans = params.load(dict[str, dict], "gans")
    for name in gans:
        params.load(registry.module("gans", name).Params, f"gans.{name}")
    made = {*content["features"], *content["embeddings"], *(f"mfcc_{name}" for name in gans)}
    for name in params.load(dict[str, dict], "classifiers"):
        p = params.classifier(registry.module("zoo", name).Params, name)
        if p.input not in made:
            there = f"there are: {', '.join(sorted(made))}"
            raise Stop(f"{params.PARAMS}: classifiers.{name}.input is {p.input!r}, which nothing makes; {there}")
        rate = content["features"].get(p.input, {}).get("sr")
        if getattr(p, "sr", rate) != rate:
            raise Stop(f"{params.PARAMS}: classifiers.{name}.sr is {p.sr}, but features.{p.input}.sr is {rate}")
    write_text(CHECKED, "".join(f"{key}\n" for key in sections))


if __name__ == "__main__":
    run(main)
