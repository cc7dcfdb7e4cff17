"""The stages: two cores beside one, ten times as many clips, one clip more, and a notebook's loop over the files."""

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir, contextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path
from statistics import median

import librosa

from benchmarks import corpora
from benchmarks.measure import faster, paired, quietly, row, seconds
from sourcewise.core import registry
from stages import augment, duplicates, extract, ingest, split
from tests.conftest import REPOSITORY

KINDS = [name for name in registry.names("features") if name != "opensmile"]  # an extra


def main(folder):
    """Print the rows."""
    two_cores(folder / "cores")
    memory(folder)
    one_more(folder / "one")
    beside_a_notebook(folder / "notebook")


def prepare():
    """Make what extraction reads."""
    for stage in (ingest, duplicates, split, augment):
        stage.main()


def extract_all():
    """Make every representation."""
    for kind in KINDS:
        extract.main(kind)


def two_cores(folder):
    """Augmentation and extraction in one process; and how far this machine has a second core to give just then."""
    corpora.synthetic(folder, 200, shortest_s=10, longest_s=30)
    corpora.configure(folder, cache_gb=0)

    def work(n):
        corpora.configure(folder, workers=n)
        with cores(n):  # the thread that writes would take another one
            quietly(augment.main)
            quietly(extract_all)

    with chdir(folder):
        quietly(prepare)
        works = [partial(function, n) for function in (work, hash_much) for n in (2, 1)]
        two, one, *free = paired(*works, clock=time.perf_counter)
    faster("augment and extract, 200 clips of 10 to 30 s, 2 cores", "1 core, wall time", two, one, aim=1.7)
    faster("what the machine gave just then: SHA-256 on 2 cores", "1 core, wall time", *free)


@contextmanager
def cores(n):
    """Only so many for this process, where the system can say so."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    every = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(every)[:n])
    try:
        yield
    finally:
        os.sched_setaffinity(0, every)


def hash_much(workers):
    """A second or two of work that shares nothing."""
    data = bytes(50_000_000)
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda _: sha256(data).digest(), range(40)))


def memory(folder):
    """The most that any stage holds."""
    peaks = []
    for n in (1000, 10_000):
        place = folder / f"memory{n}"
        corpora.synthetic(place, n, shortest_s=1, longest_s=1)
        stages = [["ingest"], ["split"], ["augment"], *(["extract", kind] for kind in KINDS)]
        peaks.append(max(peak_mb(place, *stage) for stage in stages))
    ratio = peaks[1] / peaks[0]
    sizes = [f"{peak:.0f} MB" for peak in reversed(peaks)]
    row("memory of a stage, 10,000 clips", "1,000 clips", *sizes, f"{ratio:.2f}", "1.3 at most", ratio <= 1.3)


def peak_mb(folder, *stage):
    """Of a stage as DVC starts it, megabytes: its own memory, without the files that it maps, which are the system's
    to drop."""
    process, peak = subprocess.Popen(**command(folder, *stage)), 0
    status = f"/proc/{process.pid}/status"
    while process.poll() is None:
        with open(status) as lines:
            found = [int(line.split()[1]) for line in lines if line.startswith("RssAnon")]
        peak = max([peak, *found])
        time.sleep(0.01)
    if process.returncode:
        raise RuntimeError(f"{' '.join(stage)} failed")
    return peak / 1024


def command(folder, stage, *arguments):
    """How subprocess starts a stage as DVC does."""
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    args = [sys.executable, "-m", f"stages.{stage}", *arguments]
    return {"args": args, "cwd": folder, "env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def one_more(folder):
    """A clip added to a corpus whose other clips are remembered: on one core, in one process, so that no start-up
    counts, and what was extracted before lies there, as DVC leaves it. Medians, first of full extractions, then of
    clips added one by one: memory from a host is slow at its first touch, and whoever is first pays for it."""
    raw = corpora.real(folder)
    late = {path: path.read_bytes() for path in sorted(raw.rglob("*.wav"))[1:200:40]}
    for path in late:
        path.unlink()
    corpora.configure(folder, workers=1)
    time.sleep(2.5)  # what was written less than two seconds ago is not remembered by ingest
    with chdir(folder), cores(1):
        prepared, extracted = seconds(partial(quietly, prepare)), median(from_nothing() for _ in range(3))
        added = [one_added(path, content) for path, content in late.items()]
        every = sum(lying().values())
    preparing, extracting, written = map(median, zip(*added, strict=True))
    share = extracting / extracted
    shares = f"{preparing / prepared:.1%}", f"{share:.1%}", f"{written / every:.1%}"
    row("ingest to augment: 1 clip added", "all clips", f"{preparing:.2f} s", f"{prepared:.2f} s", shares[0], "", True)
    sizes = f"{extracting:.2f} s", f"{extracted:.2f} s"
    row("extract, all kinds: 1 clip added", "all clips", *sizes, shares[1], "3 % at most", share <= 0.03)
    sizes = f"{written / 1e6:.0f} MB", f"{every / 1e6:.0f} MB"
    row("files of it that are other ones then, for DVC to store", "all of them", *sizes, shares[2], "", True)


def from_nothing():
    """Seconds of extraction where nothing is remembered of it."""
    for known in (path for kind in KINDS for path in Path(".cache").glob(f"{kind}-*")):
        known.unlink()
    shutil.rmtree("data/features", ignore_errors=True)
    return seconds(partial(quietly, extract_all))


def one_added(path, content):
    """Seconds of what comes before extraction, and of extraction; bytes of the files that were written."""
    path.write_bytes(content)
    before, preparing = lying(), seconds(partial(quietly, prepare))
    extracting = seconds(partial(quietly, extract_all))
    return preparing, extracting, sum(size for file, size in lying().items() if file not in before)


def lying():
    """What tells each file of features from others, as DVC does, and its bytes."""
    paths = [path for path in Path("data/features").rglob("*") if path.is_file()]
    return {(path, path.stat().st_ino, path.stat().st_mtime_ns): path.stat().st_size for path in paths}


def beside_a_notebook(folder):
    """Ingest and MFCC, and librosa's loop over the same files, which stores nothing."""
    files = sorted(corpora.real(folder).rglob("*.wav"))
    corpora.configure(folder, cache_gb=0, copies=0)

    def ours():
        ingest.main()
        extract.main("mfcc")

    def theirs():
        return [mfcc_as_in_a_notebook(path) for path in files]

    with chdir(folder):
        quietly(prepare)
        took = paired(partial(quietly, ours), theirs, clock=time.perf_counter)
    faster(f"ingest and extract mfcc, {len(files)} files (wall)", "librosa, a loop", *took)


def mfcc_as_in_a_notebook(path):
    """Mean MFCC of one file, by librosa as its tutorials use it."""
    y, sr = librosa.load(path, sr=16_000)
    return librosa.feature.mfcc(y=y, sr=sr, n_mfcc=20, n_fft=512, hop_length=160, n_mels=40).mean(axis=1)
