"""What DVC takes for clips in one packed file, beside one file a clip."""

import shutil
import subprocess
import sys
from contextlib import chdir
from functools import partial

import numpy as np

from benchmarks import corpora
from benchmarks.measure import faster, quietly, seconds
from sourcewise.storage.files import Ragged
from stages import ingest


def main(folder):
    """Print the rows."""
    corpora.real(folder)
    with chdir(folder):
        quietly(ingest.main)
    clips = Ragged.open(folder / "data/clips")
    packed = dvc_with(folder / "packed", {"values": np.concatenate(list(clips))})
    files = dvc_with(folder / "files", dict(enumerate(clips)))
    for work in packed:
        faster(f"dvc {work}, {len(clips)} clips, one file", "a file each", packed[work], files[work])


def dvc_with(place, arrays):
    """Seconds of DVC's commands for a folder of these arrays, a file each."""
    (place / "clips").mkdir(parents=True)
    for name, values in arrays.items():
        np.save(place / "clips" / f"{name}.npy", values)
    dvc(place, "init", "--no-scm")
    took = {work: seconds(partial(dvc, place, *work.split())) for work in ("add clips", "status")}
    shutil.rmtree(place / "clips")
    return took | {"checkout": seconds(partial(dvc, place, "checkout", "--force"))}


def dvc(folder, *arguments):
    """Run a DVC command."""
    subprocess.run([sys.executable, "-m", "dvc", *arguments, "--quiet"], cwd=folder, check=True)
