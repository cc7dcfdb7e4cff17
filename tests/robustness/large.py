"""Much of everything: 20,000 short clips, and one recording of three hours; each stage in a process of its own, under a
bound on the memory that it holds."""

import shutil
from pathlib import Path

import numpy as np
import soundfile

from benchmarks import scale
from tests.conftest import REPOSITORY, change_params

CLIPS, HOURS, SR = 20_000, 3, 8000
BOUND_MB = 2000  # mapped pages of files included
FIRST = ("check", "fetch", "ingest", "duplicates", "split", "augment")
FEATURES = tuple(f"extract {name}" for name in ("table", "mfcc", "mel", "stft", "wave", "png"))
LAST = ("explore", "train logreg", "evaluate logreg")


def many(folder, n=CLIPS):
    """A corpus of n clips of a quarter of a second, and its dataset file; each is varied once."""
    scale.corpus(folder, n)
    change_params(folder, {"augment.recipes.varied.copies": 1})
    return ["sourcewise propose data/raw/scale", *_stages()]


def long(folder, hours=HOURS):
    """A corpus of six sources, one of which has a recording of so many hours, FLAC of noise, at 8 kHz; all recordings
    are cut into clips of 10 s."""
    rng = np.random.default_rng(0)
    for k in range(12):
        place = folder / f"data/raw/long/{'ab'[k % 2]}"
        place.mkdir(parents=True, exist_ok=True)
        n_seconds = 3600 * hours if k == 0 else 20
        with soundfile.SoundFile(place / f"s{k // 2}-{k}.flac", "w", SR, 1, subtype="PCM_16") as file:
            for _ in range(int(n_seconds) // 20):
                file.write(rng.normal(0, 0.1, 20 * SR))
    (folder / "data/datasets").mkdir()
    dataset_file = "title: t\nlicence: l\nreader: folder\nlabel: parent\nsource: {pattern: '/(s[0-9]+)-'}\n"
    (folder / "data/datasets/long.yaml").write_text(dataset_file)
    shutil.copy(REPOSITORY / "params.yaml", folder)
    change_params(folder, {"dataset": "long", "audio.sr": SR, "audio.segment_s": 10})
    return _stages()


def _stages():
    return [f"stages.{stage}" for stage in (*FIRST, *FEATURES, *LAST)]


def measured(make, folder, **how):
    """Yield (stage, wall seconds, most MB held, what is wrong or nothing) as they are run in a corpus."""
    folder = Path(folder)
    folder.mkdir(parents=True)
    for stage in make(folder, **how):
        try:
            _, wall_s, mb = scale.measured(stage, folder)
        except SystemExit as failed:
            yield stage, 0, 0, str(failed)[-300:]
            return
        yield stage, wall_s, mb, "" if mb < BOUND_MB else f"more than {BOUND_MB} MB"
