"""Digests of what a result depends on besides its input: our own code and the packages that compute."""

import json
from functools import cache
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = ("sourcewise", "stages")
PACKAGES = ("numpy", "scipy", "numba", "librosa", "opencv-python-headless", "soundfile", "soxr", "av")

TRAINING = ("numpy", "scipy", "scikit-learn", "xgboost-cpu", "xgboost", "keras", "tensorflow-cpu", "tensorflow")


@cache
def versions():
    """{"sourcewise": digest of all code, package: its version, or None where it is not installed}."""
    return {"sourcewise": of(*CODE), **packages()}


@cache
def packages(names=PACKAGES):
    """{package: its version}; by default of those that results depend on."""
    return {name: _version(name) for name in names}


def training_packages():
    """{package: its version} of those that classifiers depend on."""
    return {name: _version(name) for name in TRAINING}


@cache
def of(*names):
    """A digest over the names and contents of Python files, and of those in folders: paths from the repository."""
    digest, paths = blake2b(digest_size=16), set()
    for path in (ROOT / name for name in names):
        paths |= set(path.rglob("*.py")) if path.is_dir() else {path}
    for path in sorted(path.relative_to(ROOT).as_posix() for path in paths):
        for part in (path.encode(), (ROOT / path).read_bytes()):
            digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()


def digest(*parts):
    """20 hex digits of what cached results depend on besides their items: Sections and JSON values, such as `of` some
    code; the versions of packages are included."""
    text = json.dumps([*parts, of("sourcewise/storage/serialise.py"), packages()], sort_keys=True, default=_content)
    return blake2b(text.encode(), digest_size=10).hexdigest()


def _content(section):
    return section.model_dump()


def _version(package):
    try:
        return version(package)
    except PackageNotFoundError:
        return None
