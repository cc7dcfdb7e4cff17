"""Work that threads cannot share, such as the training of networks, in parallel processes."""

import os
import signal
import sys
import threading
import time
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context

from sourcewise.compute.progress import Progress


def side_by_side(function, arguments, *, n, title, unit, then=None):
    """Call function(argument) for each, in n processes, in this order; returns {argument: its error or None}. What they
    print is not shown. They end when this process does, however it ends.

    then(argument, error): called here as each is done; returns further arguments."""
    options = {"mp_context": get_context("spawn"), "initializer": _start, "initargs": (os.getpid(),)}
    errors = {}
    with _ctrl_c(), ProcessPoolExecutor(n, **options) as pool, _bar(arguments, title, unit) as bar:
        running = {pool.submit(_guarded, function, argument): argument for argument in arguments}
        while running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                argument = running.pop(future)
                errors[argument] = _error(future)
                more = then(argument, errors[argument]) if then else []
                running |= {pool.submit(_guarded, function, another): another for another in more}
                bar.add(len(more))
                bar.update(note=str(argument))
    return errors


def _error(future):
    try:
        return future.result()
    except BrokenProcessPool as error:  # killed, for example when memory ran out
        return str(error)


@contextmanager
def _ctrl_c():
    """Ctrl-C ends the processes, then this one, silently. Not at once, as elsewhere: Python would then warn of leaked
    resources."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)  # as shells report it
    finally:
        signal.signal(signal.SIGINT, before)


def _bar(arguments, title, unit):
    return Progress(total=len(arguments), done=0, title=title, unit=unit)


def _guarded(function, argument):
    try:
        function(argument)
    except (Exception, SystemExit) as error:
        return f"{type(error).__name__}: {str(error).strip()}"


def _start(parent):
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent):
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
