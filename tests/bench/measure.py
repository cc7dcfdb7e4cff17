"""How the benchmarks measure and print: medians of what runs in turn, so that a busy machine slows all alike."""

import io
import time
from contextlib import redirect_stderr, redirect_stdout
from statistics import median

RUNS, LONG_ENOUGH_S = 41, 4
HEADER = "| work | against | ours | theirs | ratio | aim |\n|---|---|--:|--:|--:|--:|"


def paired(*works, clock=time.process_time, runs=RUNS):
    """Median seconds of each of two or more functions, called in turn until all had `runs` or a few seconds have
    passed, at least three times each, and once before. CPU time, unless `clock` says otherwise."""
    for work in works:
        work()
    took, start = [], time.monotonic()
    while len(took) < 3 or (len(took) < runs and time.monotonic() - start < LONG_ENOUGH_S):
        took.append([seconds(work, clock) for work in works])
    return [median(column) for column in zip(*took, strict=True)]


def seconds(work, clock=time.perf_counter):
    """How long it takes."""
    start = clock()
    work()
    return clock() - start


def faster(work, against, ours, theirs, *, aim=None):
    """A row: theirs through ours, `aim` times at least."""
    ratio = theirs / ours
    row(work, against, _time(ours), _time(theirs), f"{ratio:.1f}", aim and f"{aim:g}", aim is None or ratio >= aim)


def row(work, against, ours, theirs, ratio, aim, is_met):
    """A row, as it is known; a ratio that misses its aim says so."""
    print(f"| {work} | {against} | {ours} | {theirs} | {ratio}{'' if is_met else ' (missed)'} | {aim or ''} |", flush=True)


def absent(work, against, package):
    """A row that cannot be measured here."""
    row(work, against, "", "", f"needs {package}", "", True)


def _time(s):
    return f"{s:.1f} s" if s >= 1 else f"{1000 * s:.3g} ms"


def quietly(work, *arguments):
    """Call it; what it prints is of no interest here."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        return work(*arguments)
