"""make bench: seconds of the data stages, beside what one would otherwise run, and one packed file beside many small.

On the Free Spoken Digit Dataset (3,000 files) where it lies beside the repository, else on the corpus `voices`. The
machine may be busy: trust the ratios, which come from one run.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import librosa
import numpy as np

from stages.core.storage import Ragged
from stages.corpora import voices
from tests.conftest import FSDD, REPOSITORY

RULES = {
    "fsdd": "label: {pattern: '^(.)_'}\nsource: {pattern: '^._([a-z]+)_'}\n",
    "voices": "label: {pattern: '^([a-z]+)/'}\nsource: parent\n",
}


def main():
    """Print the tables."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        raw = corpus(folder)
        files = sorted(raw.rglob("*.wav"))
        print(f"{len(files)} files, {os.cpu_count()} cores\n")
        notebook = seconds(lambda: [mfcc_as_in_a_notebook(path) for path in files])
        stages = {name: run(folder, *name.split()) for name in ("ingest", "split", "extract mfcc", "extract mel")}
        stages["extract table"] = run(folder, "extract", "table")
        print("| seconds, start-up of Python among them | |\n|---|--:|")
        for name, took in stages.items():
            print(f"| {name} | {took:.1f} |")
        print(f"| librosa.load and librosa.feature.mfcc, file by file, nothing stored | {notebook:.1f} |")
        ours = stages["ingest"] + stages["extract mfcc"]
        print(f"\ningest and extract mfcc together: {notebook / ours:.1f} times as fast\n")
        storage(folder)


def corpus(folder):
    """A repository with the parameters of this one and a corpus; the corpus' folder."""
    name = "fsdd" if FSDD.is_dir() else "voices"
    raw = folder / "data/raw" / name
    raw.parent.mkdir(parents=True)
    if name == "fsdd":
        raw.symlink_to(FSDD)
    else:
        voices.make(raw)
    (folder / "data/cards").mkdir()
    card = f"title: {name}\nlicence: see there\nreader: folder\n{RULES[name]}"
    (folder / f"data/cards/{name}.yaml").write_text(card)
    params = (REPOSITORY / "params.yaml").read_text().replace("dataset: voices", f"dataset: {name}")
    (folder / "params.yaml").write_text(params)
    return raw


def run(folder, stage, *arguments):
    """Seconds that a stage takes as DVC starts it."""
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-m", f"stages.{stage}", *arguments]
    return seconds(lambda: subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True))


def mfcc_as_in_a_notebook(path):
    """Mean MFCC of one file, by librosa as its tutorials use it."""
    y, sr = librosa.load(path, sr=16_000)
    return librosa.feature.mfcc(y=y, sr=sr, n_mfcc=20, n_fft=512, hop_length=160, n_mels=40).mean(axis=1)


def storage(folder):
    """What DVC takes for the same clips as one packed file, and as one file a clip."""
    clips = Ragged.open(folder / "data/clips")
    print(f"| seconds of DVC for {len(clips)} clips | packed | a file each | ratio |\n|---|--:|--:|--:|")
    took = {}
    for way in ("packed", "files"):
        place = folder / way
        (place / "clips").mkdir(parents=True)
        if way == "packed":
            np.save(place / "clips" / "values.npy", np.concatenate(list(clips)))
        else:
            for i, clip in enumerate(clips):
                np.save(place / "clips" / f"{i}.npy", clip)
        dvc(place, "init", "--no-scm")
        took["add", way] = dvc(place, "add", "clips")
        took["status, nothing changed", way] = dvc(place, "status")
        shutil.rmtree(place / "clips")
        took["check out", way] = dvc(place, "checkout", "--force")
    for name in ("add", "status, nothing changed", "check out"):
        packed, files = took[name, "packed"], took[name, "files"]
        print(f"| {name} | {packed:.1f} | {files:.1f} | {files / packed:.1f} |")


def dvc(folder, *arguments):
    """Seconds that a DVC command takes."""
    command = [sys.executable, "-m", "dvc", *arguments, "--quiet"]
    return seconds(lambda: subprocess.run(command, cwd=folder, check=True))


def seconds(work):
    """How long it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
