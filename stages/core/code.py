"""What a result depends on besides its input: the code in stages/ and the packages that compute."""

from functools import cache
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

STAGES = Path(__file__).resolve().parents[1]
PACKAGES = ("numpy", "scipy", "numba", "librosa", "opencv-python-headless", "soundfile", "soxr")


@cache
def versions():
    """{"stages": digest of all code, package: its version, or None where it is not installed}."""
    return {"stages": _digest(STAGES), **packages()}


@cache
def packages():
    """The versions of the packages that results depend on."""
    return {name: _version(name) for name in PACKAGES}


def _digest(folder):
    """A digest over the names and contents of the Python files below a folder, wherever it lies."""
    found = blake2b(digest_size=16)
    for name in sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.py")):
        for part in (name.encode(), (folder / name).read_bytes()):
            found.update(len(part).to_bytes(8, "little") + part)
    return found.hexdigest()


def _version(package):
    try:
        return version(package)
    except PackageNotFoundError:
        return None
