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

from stages.core.manifest import MANIFEST
from stages.core.storage import scratch

REQUIREMENTS = Path("requirements.in")


def contents(paths):
    """{path: git's id of the file or folder as it lies there}; {} where this is no git repository."""
    with scratch("ids") as place:
        own = os.environ | {"GIT_INDEX_FILE": str((place / "index").resolve())}
        paths = [str(path) for path in paths]
        added = subprocess.run(["git", "add", "--", *paths], env=own, capture_output=True)
        if added.returncode:
            return {}
        tree = subprocess.run(["git", "write-tree"], env=own, check=True, capture_output=True, text=True).stdout.strip()
        listed = ["git", "ls-tree", "-z", tree, "--", *paths]
        rows = subprocess.run(listed, check=True, capture_output=True, text=True).stdout.split("\0")
        return {path: row.split()[2] for row in rows if row for path in [row.split("\t", 1)[1]]}


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
