"""The repository that a run belongs to, and what lies outside a folder."""

import os
from pathlib import Path


def home():
    """Its folder, also from within an experiment's temporary copy of it."""
    return Path(str(Path.cwd()).split(f"{os.sep}.dvc{os.sep}tmp{os.sep}exps{os.sep}")[0])


def leads_out(path, folder):
    """Whether a path lies outside a folder once all links are followed; one that links to itself leads nowhere. Where the
    system does not tell where a link leads, it does."""
    path, folder = Path(path), Path(folder)
    if path.is_relative_to(folder) and not _has_link(folder, path.relative_to(folder).parts):
        return False
    try:
        real, inside = os.path.realpath(path, strict=True), os.path.realpath(folder, strict=True)
    except PermissionError:
        return True
    except OSError:  # nothing is there
        real, inside = os.path.realpath(path), os.path.realpath(folder)
    return not Path(real).is_relative_to(inside)


def _has_link(folder, parts):
    below = (folder.joinpath(*parts[: k + 1]) for k in range(len(parts)))
    return ".." in parts or any(map(os.path.islink, below))
