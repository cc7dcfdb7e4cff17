"""The packages are those that requirements.txt pins. Whether a pinned one has a known flaw, only a list of flaws can
tell, and that has to be downloaded: `pip install pip-audit && pip-audit -r requirements.txt`."""

import ast
import re
import subprocess
import sys
from importlib.metadata import packages_distributions, version

from packaging.requirements import Requirement

from tests.conftest import REPOSITORY


def _named(file):
    """The requirements of a file that hold on this machine, by name."""
    lines = (line.split("#")[0].strip() for line in (REPOSITORY / file).read_text(encoding="utf-8").splitlines())
    found = [Requirement(line) for line in lines if line]
    return {_plain(each.name): each for each in found if each.marker is None or each.marker.evaluate()}


def _plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_package_is_pinned_to_one_version_that_is_installed():
    for name, pinned in _named("requirements.txt").items():
        (exactly,) = pinned.specifier
        assert exactly.operator == "=="
        assert pinned.url is None
        assert version(name) == exactly.version, f"{name}: make test installs {exactly.version}"


def test_every_package_that_is_imported_is_pinned():
    pinned, known = _named("requirements.txt"), packages_distributions()
    optional = {"mirdata", "soundata", "pesq", "matplotlib", "PIL"}  # a sentence says how to get them
    optional |= {"onnx", "onnxruntime", "opensmile"}
    ours = {"sourcewise", "stages", "tests", "benchmarks"}
    for path in (path for folder in ours for path in (REPOSITORY / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            for name in {name.split(".")[0] for name in names} - sys.stdlib_module_names - ours - optional:
                assert {_plain(found) for found in known[name]} & pinned.keys(), f"{path}: {name}"


def test_the_packages_fit_each_other():
    done = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
