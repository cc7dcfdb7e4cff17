"""A registry is a folder: sourcewise/models/classifiers/svm.py is the classifier `svm`. Only the requested
module is imported."""

import pkgutil
from importlib import import_module

from sourcewise.core.errors import Stop


def names(package):
    """The modules that a package, "models.classifiers", offers; those with a leading underscore are not offered."""
    path = import_module(f"sourcewise.{package}").__path__
    return sorted(module.name for module in pkgutil.iter_modules(path) if not module.name.startswith("_"))


def module(package, name):
    """The module of that name in a package. Raises Stop with the valid names for any other."""
    if name not in names(package):
        raise Stop(f"{name!r} is not one of sourcewise/{package.replace('.', '/')}: {', '.join(names(package))}")
    return import_module(f"sourcewise.{package}.{name}")
