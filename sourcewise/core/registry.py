"""A registry is a folder: zoo/svm.py is the classifier `svm`. Only the module that is asked for is imported."""

import pkgutil
from importlib import import_module

from stages.core.stop import Stop


def names(package):
    """The names that stages/<package>/ offers; modules with a leading underscore are not offered."""
    path = import_module(f"stages.{package}").__path__
    return sorted(module.name for module in pkgutil.iter_modules(path) if not module.name.startswith("_"))


def module(package, name):
    """The module stages/<package>/<name>.py; a wrong name lists the right ones."""
    if name not in names(package):
        raise Stop(f"{name!r} is not one of stages/{package}: {', '.join(names(package))}")
    return import_module(f"stages.{package}.{name}")
