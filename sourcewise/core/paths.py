"""The repository that a run belongs to, and what lies outside a folder."""

import os
from pathlib import Path


def home():
    """Its folder, also from within an experiment's temporary copy of it."""
    return Path(str(Path.cwd()).split(f"{os.sep}.dvc{os.sep}tmp{os.sep}exps{os.sep}")[0])


def leads_out(path, folder):
    """Whether a path lies outside a folder once all links are followed; one that links to itself leads nowhere."""
    return not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))
