"""What a report was made of, in words that a second clone repeats: ids of contents, never of time or place.

A commit cannot hold its own id, and a run comes before the commit of its results. Git's ids of the files that the run
depends on can: `git log --find-object=<id>` names the commits that hold them.
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
    """{path: git's id of the file or folder as it lies there}; {} where this is no git repository."""
    paths = [str(path) for path in paths]
    with scratch("ids") as place:
        index = os.environ | {"GIT_INDEX_FILE": str((place / "index").resolve())}  # what the user has added stays so
        if _git("add", "--", *paths, env=index) is None:
            return {}
        tree = _git("write-tree", env=index).strip()
        rows = _git("ls-tree", "-z", tree, "--", *paths, env=index).split("\0")
    return {path: told.split()[2] for row in rows if row for told, path in [row.split("\t", 1)]}


def _git(*arguments, env):
    """What git prints; None where it fails."""
    done = subprocess.run(["git", *arguments], env=env, capture_output=True, text=True)
    return None if done.returncode else done.stdout


def packages():
    """{name: version} of Python, and of the packages that requirements.in names."""
    found = {"Python": platform.python_version()}
    for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines():
        name = re.match(r"[A-Za-z0-9_.-]*", line)[0]
        if name:
            try:
                found[name] = version(name)
            except PackageNotFoundError:  # for another system
                continue
    return found


def corpus():
    """SHA-256 of the manifest, which holds a hash of the samples of each clip."""
    return sha256(MANIFEST.read_bytes()).hexdigest()
