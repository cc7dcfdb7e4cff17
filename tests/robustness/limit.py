"""An end to hanging."""

import faulthandler
from contextlib import contextmanager


@contextmanager
def limit(seconds):
    """What takes longer ends the process, with the place where it hung: a reader that waits cannot be interrupted."""
    faulthandler.dump_traceback_later(seconds, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
