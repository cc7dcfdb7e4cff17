"""Which changed copies `sourcewise/audits/duplicates.py` finds, and how long it takes: python -m benchmarks.duplicates

Copies of 300 clips each of the embedded voices and, where it lies beside the repository, of the Free Spoken Digit
Dataset (its clips of 0.5 s and more, and shorter ones) are looked for among all clips of that corpus. A false pair is
one of two clips of the corpus itself. Then the time for clips of 3 s, one core, of voices at many speeds.
"""

import io
import tempfile
import time
from pathlib import Path

import librosa
import numpy as np
import pandas as pd
import soundfile

from benchmarks.measure import command, quietly
from sourcewise.audits import duplicates
from sourcewise.compute.parallel import ComputeParams
from sourcewise.core import params
from sourcewise.core.markdown import markdown
from sourcewise.datasets.clips import content_hash
from sourcewise.datasets.synthetic import voices
from stages.duplicates import DuplicatesParams
from tests.conftest import FSDD

SR, PICKED = 16_000, 300
ONE_CORE = ComputeParams(backend="threads", workers=1, address=None, cache_gb=0)


def coded(y, container, codec):
    """Through a lossy codec and back."""
    file = io.BytesIO()
    soundfile.write(file, y, SR, format=container, subtype=codec)
    file.seek(0)
    return soundfile.read(file, dtype="float32")[0]


def noisy(y, snr_db):
    """With white noise so far below."""
    rng = np.random.default_rng(len(y))
    return y + rng.normal(0, np.sqrt(np.mean(y**2) / 10 ** (snr_db / 10)), len(y))


CUT = SR // 4
CHANGES = {
    "MP3": lambda y: coded(y, "MP3", "MPEG_LAYER_III"),
    "OGG": lambda y: coded(y, "OGG", "VORBIS"),
    "12 dB louder, clipped": lambda y: 4 * y,
    "12 dB softer": lambda y: y / 4,
    "0.25 s cut from the start": lambda y: y[CUT:],
    "0.25 s cut from the end": lambda y: y[:-CUT],
    "0.3 s later": lambda y: np.concatenate([np.zeros(int(0.3 * SR) + 37), y]),
    "noise, 20 dB": lambda y: noisy(y, 20),
    "noise, 10 dB": lambda y: noisy(y, 10),
    "stretched by 0.95": lambda y: librosa.effects.time_stretch(y, rate=0.95),
    "stretched by 1.05": lambda y: librosa.effects.time_stretch(y, rate=1.05),
}


def main():
    """Two tables."""
    similarity = params.load(DuplicatesParams, "duplicates").similarity
    with tempfile.TemporaryDirectory() as folder:
        quietly(voices.make, Path(folder) / "voices")
        spoken = read(Path(folder) / "voices")
    groups = [("voices", spoken, spoken)]
    if FSDD.is_dir():
        digits = read(FSDD)
        long, short = ([y for y in digits if (len(y) >= SR / 2) == is_long] for is_long in (True, False))
        groups += [
            ("FSDD, 0.5 s and more", digits, long),
            ("FSDD, 0.3 to 0.5 s", digits, [y for y in short if len(y) >= 0.3 * SR]),
        ]
    else:
        print(f"FSDD: not at {FSDD}, left out\n")
    columns = [recall(corpus, some, similarity) for _, corpus, some in groups]
    rows = [(change, *(f"{column[change]:.3f}" for column in columns)) for change in columns[0]]
    print(markdown(["found", *(name for name, *_ in groups)], rows))
    print()
    print(markdown(["clips of 3 s", "CPU s", "pairs"], [took(spoken, n, similarity) for n in (2500, 5000, 10_000)]))


def read(folder):
    """All WAV files of a folder at SR, 16-bit."""
    sounds = [librosa.load(path, sr=SR)[0] for path in sorted(folder.rglob("*.wav"))]
    return [sixteen_bit(y) for y in sounds]


def sixteen_bit(y):
    """From full scale 1."""
    return np.round(np.clip(y, -1, 1) * 32767).astype(np.int16)


def recall(corpus, some, similarity):
    """{change: share of `some` whose changed copy is found with it}, and false pairs per 1,000 of all clips."""
    rows = np.random.default_rng(1).choice(len(some), min(PICKED, len(some)), replace=False)
    found = {}
    for change, make in CHANGES.items():
        copies = [sixteen_bit(make(some[row].astype(np.float32) / 32767)) for row in rows]
        pairs = find(corpus + copies, similarity)
        place = {id(y): k for k, y in enumerate(corpus)}
        wanted = {(place[id(some[row])], len(corpus) + k) for k, row in enumerate(rows)}
        found[change] = len(wanted & set(zip(pairs["clip_id"], pairs["other"], strict=True))) / len(wanted)
    found["false pairs per 1,000 clips"] = 1000 * len(find(some, similarity)) / len(some)
    return found


def find(waves, similarity):
    """Pairs, named by their numbers; equal samples count as any."""
    table = pd.DataFrame({"clip_id": range(len(waves)), "hash": [content_hash(y) for y in waves], "sr": SR})
    table = table.assign(parent=table["clip_id"])
    return quietly(lambda: duplicates.find(table, waves, similarity=similarity, compute=ONE_CORE))


def took(spoken, n, similarity):
    """Clips from how many, CPU seconds, pairs."""
    with tempfile.TemporaryDirectory() as folder:
        waves = np.lib.format.open_memmap(Path(folder) / "waves.npy", "w+", np.int16, (n, 3 * SR))
        for k, speed in enumerate(np.geomspace(0.8, 1.25, n)):
            y = spoken[k % len(spoken)]
            waves[k] = np.interp(np.arange(3 * SR) * speed % len(y), np.arange(len(y)), y)
        start = time.process_time()
        pairs = find(waves, similarity)
        return f"{n:,}", f"{time.process_time() - start:.0f}", str(len(pairs))


if __name__ == "__main__":
    command(main)
