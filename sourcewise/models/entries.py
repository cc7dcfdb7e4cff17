"""Entries of params.yaml: each names a module and the features that it reads, and gives the module's settings.

`svm_yamnet: {model: svm, family: sklearn, features: yamnet, C: 10, ...}` in `classifiers` is an entry of the module
sourcewise/models/classifiers/svm.py. What entries share in training stands once: in `train.<family>` for classifiers,
in `train.denoisers` and `train.generators`. Those keys, and only those, may be left out of an entry's `training`.
"""

from pathlib import Path

from sourcewise.core import params, registry
from sourcewise.core.errors import Stop, available
from sourcewise.core.params import Entry
from sourcewise.core.paths import PARAMS
from sourcewise.storage.files import read_json, write_json

CLASSIFIERS = "models.classifiers"
#: Features of real and generated clips are named `mfcc_<generator>`.
GENERATED = "mfcc"
#: The sections whose entries produce features.
MAKERS = ("features", "generators", "embeddings")


def classifier(name, content=None, section="classifiers"):
    """(module, settings) of an entry of classifiers, completed by the training settings of its family.

    content: of params.yaml, read where it is None.
    """
    return _entry(CLASSIFIERS, f"{section}.{name}", content)


def generator(name, content=None):
    """(module, settings) of an entry of generators."""
    return _entry("models.generators", f"generators.{name}", content)


def embedding(name, content=None):
    """(module, settings) of an entry of embeddings."""
    return _entry("models.embeddings", f"embeddings.{name}", content)


def denoiser(name, content=None):
    """(module, settings) of an entry of denoisers, which read clips, not features."""
    content, where = content or params.read_yaml(PARAMS), f"denoisers.{name}"
    entry = params.check(dict, params.section(content, where), _in_params(where))
    module = _module("models.denoisers", entry.get("model"), where)
    return module, params.check(
        module.Params, _completed(entry, module.Params, "denoisers", content), _in_params(where)
    )


def _entry(package, where, content):
    """(module, settings), by the `TAKES` of the module for the shape of the entry's features."""
    content = content or params.read_yaml(PARAMS)
    entry = params.check(dict, params.section(content, where), _in_params(where))
    named = params.check(Entry, {key: entry[key] for key in Entry.model_fields if key in entry}, _in_params(where))
    module, shape = _module(package, named.model, where), shape_of(named.features, where, content)
    if shape not in module.TAKES:
        takes = " or ".join(module.TAKES)
        raise Stop(f"{_in_params(where)}.features is {named.features!r} ({shape}), but {named.model} takes {takes}")
    settings = module.TAKES[shape]
    family = settings.model_fields.get("family")
    shared = family.annotation.__args__[0] if family else where.split(".")[0]
    return module, params.check(settings, _completed(entry, settings, shared, content), _in_params(where))


def _module(package, name, where):
    if name not in registry.names(package):
        raise Stop(f"{_in_params(where)}.model: {registry.unknown(package, name)}")
    return registry.module(package, name)


def _in_params(where):
    return f"{PARAMS}: {where}"


def _completed(entry, settings, shared, content):
    """An entry, its training completed by the keys of `train.<shared>` that it leaves out."""
    training, own = settings.model_fields.get("training"), entry.get("training", {})
    if training is None or not isinstance(own, dict):
        return entry
    known, common = training.annotation.model_fields, params.section(content, f"train.{shared}")
    common = {key: value for key, value in common.items() if key in known}
    nested = {key: common[key] | own[key] for key in own if isinstance(own[key], dict) and key in common}
    return entry | {"training": common | own | nested}


def shape_of(features, where, content):
    """The shape of one clip's `features`: vector, frames, image, wave or activations, their module's GIVES; `where`
    names the entry that reads them."""
    made, generators, embeddings = (params.check(dict[str, dict], content[key], _in_params(key)) for key in MAKERS)
    modules = {name: ("features", name) for name in made}
    modules |= {f"{GENERATED}_{name}": ("features", GENERATED) for name in generators}
    modules |= {name: ("models.embeddings", entry.get("model")) for name, entry in embeddings.items()}
    if features not in modules:
        known = available(features, sorted(modules))
        raise Stop(f"{_in_params(where)}.features is {features!r}, which nothing makes{known}")
    return registry.module(*modules[features]).GIVES


def store(folder, p):
    """Write an entry's settings to the folder of its model."""
    takes = registry.module(CLASSIFIERS, p.model).TAKES
    shape = next(shape for shape, model in takes.items() if isinstance(p, model))
    write_json(Path(folder) / "params.json", {"takes": shape} | p.model_dump())


def stored(folder):
    """(module, settings) that `store` wrote to a folder."""
    file = Path(folder) / "params.json"
    content = read_json(file)
    try:
        module = registry.module(CLASSIFIERS, content["model"])
        model = module.TAKES[content.pop("takes")]
    except (KeyError, TypeError, AttributeError):
        raise Stop(f"{file} does not say which model it is of: remove the folder, then `dvc repro`") from None
    return module, params.check(model, content, str(file))
