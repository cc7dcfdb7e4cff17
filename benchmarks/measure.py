"""How the benchmarks measure and print: medians of what runs in turn, so that a busy machine slows all alike."""

import argparse
import inspect
import io
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from statistics import median

TURNS, TURN_S, LONG_ENOUGH_S = 21, 0.03, 5
HEADER = "| work | against | ours | theirs | ratio | aim |\n|---|---|--:|--:|--:|--:|"


def paired(*works, clock=time.process_time, turns=TURNS):
    """Median seconds of each of two or more functions, called in turn until all had `turns` or a few seconds have
    passed, at least three times each, and once before. CPU time, unless `clock` says otherwise.

    What is quick is called again within its turn, so that it does not pay for what the other left in the caches.
    """
    again = [max(1, int(TURN_S / seconds(work))) for work in works]
    took, start = [], time.monotonic()
    while len(took) < 3 or (len(took) < turns and time.monotonic() - start < LONG_ENOUGH_S):
        took.append([median(seconds(work, clock) for _ in range(n)) for work, n in zip(works, again, strict=True)])
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
    print(
        f"| {work} | {against} | {ours} | {theirs} | {ratio}{'' if is_met else ' (missed)'} | {aim or ''} |", flush=True
    )


def absent(work, against, package):
    """A row that cannot be measured here."""
    row(work, against, "", "", f"needs {package}", "", True)


def _time(s):
    return f"{s:.1f} s" if s >= 1 else f"{1000 * s:.3g} ms"


def quietly(work, *arguments):
    """Call it; what it prints is of no interest here."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        return work(*arguments)


def command(main):
    """Call main with the whole numbers of the command line, one for each of its parameters; --help shows the
    docstring of its module."""
    module = sys.modules[main.__module__]
    parser = argparse.ArgumentParser(
        prog=f"python -m {module.__spec__.name.removesuffix('.__main__')}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for name, parameter in inspect.signature(main).parameters.items():
        parser.add_argument(name, nargs="?", type=int, default=parameter.default, help=f"default: {parameter.default}")
    main(**vars(parser.parse_args()))
