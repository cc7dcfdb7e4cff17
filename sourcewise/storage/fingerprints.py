"""What a result depends on besides its input: the code in stages/ and the packages that compute."""

from functools import cache
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

STAGES = Path(__file__).resolve().parents[1]
PACKAGES = ("numpy", "scipy", "numba", "librosa", "opencv-python-headless", "soundfile", "soxr", "av")

TRAINING = ("numpy", "scipy", "scikit-learn", "xgboost-cpu", "xgboost", "keras", "tensorflow-cpu", "tensorflow")


@cache
def versions():
    """{"stages": digest of all code, package: its version, or None where it is not installed}."""
    return {"stages": of("."), **packages()}


@cache
def packages(names=PACKAGES):
    """The versions of packages: of those that results depend on."""
    return {name: _version(name) for name in names}


def training_packages():
    """The versions of those that classifiers depend on."""
    return {name: _version(name) for name in TRAINING}


@cache
def of(name):
    """A digest over the names and contents of the Python files in a folder of stages/, or of one file there."""
    found = blake2b(digest_size=16)
    place = STAGES / name
    paths = place.rglob("*.py") if place.is_dir() else [place]
    for inner in sorted(path.relative_to(STAGES).as_posix() for path in paths):
        for part in (inner.encode(), (STAGES / inner).read_bytes()):
            found.update(len(part).to_bytes(8, "little") + part)
    return found.hexdigest()


def _version(package):
    try:
        return version(package)
    except PackageNotFoundError:
        return None
