"""Bad files and bad days, tried one by one, and what became of them: make torture, or python -m tests.robustness input

All parts take one to two hours; the tests have the cheap ones. All is tried on a tiny corpus, but for the last part,
which is large. What is drawn by chance is drawn the same each time; how far a run has come when it is killed depends on
how busy the machine is.
"""

import argparse
import os
import platform
import signal
import sys
import tempfile
import time
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from sourcewise.compute.progress import Progress
from sourcewise.core.markdown import markdown
from tests.robustness import days, ends, large
from tests.robustness.machine import IN_PLACE, Machine

BAD_INPUT = ("tests/robustness/test_bad_files.py", "tests/robustness/test_stops.py")
WORKERS = ("tests/compute/test_dask_cluster.py",)
ROOM = 40_000_000  # bytes that the small disk has beside what lies on it
HEADER = ["what", "tried", "passed", "what was said, or is wrong"]
PARTS = ("input", "kills", "interrupts", "full", "days", "workers", "large")


class Torture:
    """The rows and the figures, as they come, and the machine that has the bad days."""

    def __init__(self, place, n_kills):
        self.place, self.n_kills = place, n_kills
        self.rows, self.figures = [], {"platform": platform.platform(), "Python": platform.python_version()}
        self._machine = None

    @property
    def machine(self):
        """Made when it is needed first; with what lies in it."""
        if self._machine is None:
            print("torture: the tiny pipeline, undisturbed, takes minutes", file=sys.stderr, flush=True)
            (self.place / "undisturbed").mkdir()
            self._machine = Machine.new(self.place / "undisturbed")
            start = time.monotonic()
            self._machine.repro()
            self.figures[f"seconds of an idle dvc repro, {len(self._machine.took)} stages"] = _seconds(start)
            self.before = self._machine.state()
        return self._machine

    def row(self, what, tried, passed, note=""):
        """Kept for the table, and shown."""
        self.rows.append([what, str(tried), str(passed), note.replace("\n", " ").replace("|", "/")[:300]])
        print(" | ".join(self.rows[-1]), file=sys.stderr, flush=True)

    def input(self):
        """Kinds of bad files, dataset files, lists, parameters and archives: those of the tests."""
        tried, passed, faults = _tested(BAD_INPUT, only="[")
        self.row("bad input, a kind each", tried, passed, faults)
        self.figures["kinds of bad input tried, passed"] = f"{tried}, {passed}"

    def workers(self):
        """Dask, as the tests have it."""
        self.row("Dask: workers that die or come late, schedulers that are not there or go", *_tested(WORKERS))

    def kills(self):
        """kill -9."""
        found = self._ended("kill -9", signal.SIGKILL, self.n_kills)
        self.figures[f"kills survived of {len(found)}"] = str(sum(not one.fault for one in found))
        self.figures["bytes lost"] = str(sum(one.lost_bytes for one in found))
        for name in IN_PLACE:
            self.figures[f"kills after which {name} had to be removed"] = str(sum(name in one.removed for one in found))

    def interrupts(self):
        """Ctrl-C."""
        self._ended("Ctrl-C", signal.SIGINT, max(1, self.n_kills // 5))

    def _ended(self, what, by, n):
        machine, found = self.machine.copy(self.place / what), []
        try:
            with Progress(total=n, title=what, unit="run") as bar:
                for one in ends.ended(machine, self.before, n, by):
                    found.append(one)
                    bar.update()
        finally:  # what is known when it is ended early
            faults = [f"{', '.join(one.stages)} after {one.at_s} s: {one.fault}" for one in found if one.fault]
            self.row(f"{what} at a random moment", len(found), len(found) - len(faults), "; ".join(faults))
        return found

    def full(self):
        """A disk that is full, in each stage."""
        n_bytes = sum(path.stat().st_size for path in self.machine.folder.parent.rglob("*") if path.is_file())
        try:
            with days.small_disk(self.place / "small", n_bytes=n_bytes + ROOM) as disk:
                machine = self.machine.copy(disk / "full")
                for stage in [name for name, outs in machine.outs().items() if outs]:
                    self._day(f"disk full in {stage}", lambda stage=stage: days.disk_full(machine, self.before, stage))
        except days.Absent as reason:
            self.row("disk full", 0, 0, str(reason))

    def days(self):
        """The others, each in a clone of its own."""
        for k, (what, day) in enumerate(days.DAYS.items()):
            machine = self.machine.copy(self.place / f"day {k}")
            self._day(what, lambda day=day, k=k, machine=machine: day(machine, self.before, self.place / f"beside {k}"))

    def _day(self, what, day):
        try:
            self.row(what, 1, 1, day())
        except days.Absent as reason:
            self.row(what, 0, 0, str(reason))
        except (AssertionError, OSError) as fault:
            self.row(what, 1, 0, str(fault)[-300:])

    def large(self):
        """Much of everything, in little memory."""
        for what, make in (("clips", large.many), ("hours in one file", large.long)):
            peak, n = 0, {"clips": f"{large.CLIPS:,}", "hours in one file": str(large.HOURS)}[what]
            for stage, wall_s, mb, fault in large.measured(make, self.place / make.__name__):
                self.row(f"{n} {what}: {stage}", 1, int(not fault), fault or f"{wall_s:.0f} s, {mb:.0f} MB")
                peak = max(peak, mb)
            self.figures[f"most MB held, {n} {what}"] = f"{peak:.0f}"


def _tested(files, only=""):
    """(Tests that ran, those that passed, the names of the others)."""
    found = {}

    class Count:
        def pytest_runtest_logreport(self, report):
            if only in report.nodeid and (report.when == "call" or report.failed):
                found[report.nodeid] = report.passed

    with redirect_stdout(sys.stderr):
        pytest.main(["-q", "-n0", "-p", "no:cacheprovider", *files], plugins=[Count()])
    return len(found), sum(found.values()), ", ".join(name for name, passed in found.items() if not passed)


def _seconds(start):
    return f"{time.monotonic() - start:.1f}"


def main(parts, n_kills):
    """The table and the figures; whether all passed."""
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        torture = Torture(Path(folder), n_kills)
        try:
            for part in parts:
                getattr(torture, part)()
        finally:
            print(markdown(HEADER, torture.rows, left=4))
            print("\n" + markdown(["figure", "of this run"], list(torture.figures.items()), left=2), flush=True)
    return all(tried == passed for _, tried, passed, _ in torture.rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m tests.robustness", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", default=list(PARTS), metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--kills", type=int, default=50, help="kills at random moments; default: 50")
    asked = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # or, started with &, the runs would not hear it either
    os.chdir(Path(__file__).resolve().parents[2])
    sys.exit(not main(asked.parts, asked.kills))
