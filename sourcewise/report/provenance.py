"""Provenance of a report: ids of its inputs, which are the same in every clone; no times, no paths of a machine.

A commit cannot hold its own id, and a run precedes the commit of its results. Git's ids of the files that the run
depends on do not have this problem: `git log --find-object=<id>` names the commits that hold them.
"""

import os
import platform
import re
import subprocess
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sourcewise.core.paths import MANIFEST
from sourcewise.storage.files import scratch

REQUIREMENTS = Path("requirements.in")


def contents(paths):
    """{path: git's id of the current file or folder}; {} outside a git repository."""
    paths = [str(path) for path in paths]
    with scratch("ids") as folder:
        index = os.environ | {"GIT_INDEX_FILE": str((folder / "index").resolve())}  # leaves the user's index alone
        if _git("add", "--", *paths, env=index) is None:
            return {}
        tree = _git("write-tree", env=index).strip()
        rows = _git("ls-tree", "-z", tree, "--", *paths, env=index).split("\0")
    return {path: entry.split()[2] for row in rows if row for entry, path in [row.split("\t", 1)]}


def _git(*arguments, env):
    """What git prints; None where it fails."""
    done = subprocess.run(["git", *arguments], env=env, capture_output=True, text=True)
    return None if done.returncode else done.stdout


def packages():
    """{name: version} of Python, and of the packages that requirements.in names."""
    versions = {"Python": platform.python_version()}
    for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines():
        name = re.match(r"[A-Za-z0-9_.-]*", line)[0]
        if name:
            try:
                versions[name] = version(name)
            except PackageNotFoundError:  # for another system
                continue
    return versions


def dataset():
    """SHA-256 of the manifest, which holds a hash of the samples of each clip."""
    return sha256(MANIFEST.read_bytes()).hexdigest()
