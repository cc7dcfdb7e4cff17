"""Work that threads cannot share, such as the training of networks, side by side in processes."""

import os
import signal
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context

from sourcewise.compute.progress import Progress


def side_by_side(function, arguments, *, n, what, unit):
    """Call function(argument) for each, in n processes that each take one after the other; {argument: its error or
    None}. What they print is not shown. They end when this process does, however it ends."""
    how = {"mp_context": get_context("spawn"), "initializer": _begin, "initargs": (os.getpid(),)}
    errors = {}
    with _ctrl_c(), ProcessPoolExecutor(min(n, len(arguments)), **how) as pool, _bar(arguments, what, unit) as bar:
        running = {pool.submit(_guarded, function, argument): argument for argument in arguments}
        for done in as_completed(running):
            try:
                errors[running[done]] = done.result()
            except BrokenProcessPool as error:  # killed, as where memory ran out
                errors[running[done]] = str(error)
            bar.update(note=running[done])
    return errors


@contextmanager
def _ctrl_c():
    """It ends the processes, then this one, without a word. At once, as elsewhere, would not do: Python would tell of
    what it keeps for them as lost."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)  # the status that shells give it
    finally:
        signal.signal(signal.SIGINT, before)


def _bar(arguments, what, unit):
    return Progress(total=len(arguments), done=0, what=what, unit=unit)


def _guarded(function, argument):
    try:
        function(argument)
    except (Exception, SystemExit) as error:
        return f"{type(error).__name__}: {str(error).strip()}"


def _begin(parent):
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent):
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
