"""A registry is a folder: sourcewise/models/classifiers/svm.py is the classifier `svm`. Only the requested
module is imported."""

import pkgutil
from importlib import import_module

from sourcewise.core.errors import Stop, available

#: What packages offer one of, where it is not their name without its s.
IRREGULAR = {"modalities": "modality", "synthetic": "synthetic dataset"}


def names(package):
    """The modules that a package, "models.classifiers", offers; those with a leading underscore are not offered."""
    path = import_module(f"sourcewise.{package}").__path__
    return sorted(module.name for module in pkgutil.iter_modules(path) if not module.name.startswith("_"))


def unknown(package, name):
    """A sentence that a package does not offer a module of that name: "No classifier 'svn'. Did you mean svm? ..."."""
    noun = package.rpartition(".")[2]
    noun = IRREGULAR.get(noun, noun.removesuffix("s"))
    if name is None:
        return f"No {noun} is named{available('', names(package))}"
    return f"No {noun} {name!r}{available(name, names(package))}"


def module(package, name):
    """The module of that name in a package. Raises Stop with the nearest and all valid names for any other."""
    if name not in names(package):
        raise Stop(unknown(package, name))
    return import_module(f"sourcewise.{package}.{name}")
