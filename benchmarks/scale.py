"""Whether time and memory grow with the rows of a corpus, and no faster: python -m benchmarks.scale 1000 10000

A corpus of so many rows goes through the stages, each in a process of its own: its CPU seconds, its wall seconds, and
the most memory that it held, pages of files that it mapped included. The rows are hard links to 1,000 different
recordings of a quarter of a second, each a source: all links to one lie in its source, so that the pairs of equal clips
which the stage `duplicates` finds make no two sources one, and the split is that of any corpus. They tell little of
the time that `duplicates` takes with as many different clips; `python -m benchmarks.duplicates` does.
The parts of `audit` are measured by themselves, in one process, but for those that fit classifiers with --fits.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.measure import quietly
from sourcewise.core import params
from sourcewise.core.markdown import markdown
from tests.conftest import REPOSITORY, change_params

ROWS = (12_500, 25_000, 50_000, 100_000)
DIFFERENT, CLASSES, SR = 1000, 10, 8000
STAGES = ("check", "fetch", "ingest", "duplicates", "split")
PARTS = ("split", "duplicates", "shortcuts")
FITS = ("augment", "extract mfcc", "extract table", "audit")


def main(sizes, fits):
    """A table as it is measured, then how much more each step took than the one before, per row."""
    stages = [
        "sourcewise propose data/raw/scale",
        *(f"stages.{stage}" for stage in STAGES),
        *(f"benchmarks.scale --part {part}" for part in PARTS),
    ]
    stages += [f"stages.{stage}" for stage in FITS] if fits else []
    took = {}
    for n in sizes:
        with tempfile.TemporaryDirectory() as folder:
            corpus(Path(folder), n)
            for stage in stages:
                took[stage, n] = measured(stage, Path(folder))
                print(f"{n:,} rows, {stage}: {took[stage, n][0]:.1f} s", file=sys.stderr, flush=True)
    rows = [row for stage in stages for row in _rows(_called(stage), sizes, [took[stage, n] for n in sizes])]
    print(markdown(["stage", "rows", "CPU s", "wall s", "CPU ms a row more", "peak MB", "KB a row more"], rows))


def _called(stage):
    return stage.removeprefix("stages.").replace("benchmarks.scale --part ", "audit: ")


def _rows(stage, sizes, took):
    """A row of the table for each size. What the next rows cost stays the same where a stage grows linearly."""
    for k, (n, (cpu_s, wall_s, mb)) in enumerate(zip(sizes, took, strict=True)):
        more = ["", ""]
        if k:
            n_more, (cpu_before, _, mb_before) = n - sizes[k - 1], took[k - 1]
            more = [f"{1000 * (cpu_s - cpu_before) / n_more:.3f}", f"{1000 * (mb - mb_before) / n_more:.2f}"]
        yield stage, f"{n:,}", f"{cpu_s:.1f}", f"{wall_s:.1f}", more[0], f"{mb:.0f}", more[1]


def corpus(folder, n):
    """A repository's folder with the corpus, and no dataset file yet."""
    rng = np.random.default_rng(0)
    t = np.arange(SR // 4) / SR
    (folder / "different").mkdir()
    for k in range(DIFFERENT):
        y = 0.3 * np.sin(2 * np.pi * (300 + 50 * (k % CLASSES) + rng.uniform(0, 200)) * t) + rng.normal(0, 0.1, len(t))
        soundfile.write(folder / f"different/{k}.wav", y, SR)
    for row in range(n):
        k = row % DIFFERENT
        place = folder / f"data/raw/scale/class{k % CLASSES}"
        if row < CLASSES:
            place.mkdir(parents=True)
        os.link(folder / f"different/{k}.wav", place / f"s{k}-{row // DIFFERENT:05d}.wav")
    (folder / "data/datasets").mkdir()
    (folder / "params.yaml").write_text((REPOSITORY / "params.yaml").read_text())
    values = {"dataset": "scale", "audio.sr": SR, "augment.recipes.varied.copies": 0, "ingest.keep_copies": True}
    change_params(folder, values)


#: Runs a module, then says the most memory that it held: what wait4 tells counts the process that started it, too.
RUN = """
import atexit, runpy, sys
atexit.register(lambda: print([line for line in open("/proc/self/status") if "VmHWM" in line][0], file=sys.stderr))
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


def measured(module, folder):
    """(CPU seconds, wall seconds, most MB held) of `python -m module` in a folder."""
    command, start = [sys.executable, "-c", RUN, *module.split()], time.perf_counter()
    env = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    process = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{module}: {said}")
    return used.ru_utime + used.ru_stime, time.perf_counter() - start, int(said.split()[-2]) / 1024


def part(name):
    """One part of the stage `audit`, as that runs it."""
    from sourcewise.audits import audit

    p = params.load(audit.AuditParams, "audit")
    quietly(getattr(audit, f"_{name}"), audit.split_corpus(p), p)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.scale", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "rows", nargs="*", type=int, default=list(ROWS), metavar="ROWS", help=f"default: {' '.join(map(str, ROWS))}"
    )
    parser.add_argument(
        "--fits", action="store_true", help="features, and the whole of the audit, too: minutes to hours"
    )
    parser.add_argument("--part", choices=PARTS, help="nothing but this part of the audit, here")
    asked = parser.parse_args()
    part(asked.part) if asked.part else main(asked.rows, asked.fits)
