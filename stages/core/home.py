"""The repository that a run belongs to."""

import os
from pathlib import Path


def home():
    """Its folder, also from within an experiment's temporary copy of it."""
    return Path(str(Path.cwd()).split(f"{os.sep}.dvc{os.sep}tmp{os.sep}exps{os.sep}")[0])
