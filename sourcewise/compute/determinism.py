"""Set in each process before numpy is imported: the number of threads, where kernels are cached, what Ctrl-C does.

Results must not depend on the machine's number of cores: BLAS and OpenMP sums, and Keras networks, repeat
bit by bit only on a fixed number of threads; work that is independent clip by clip runs side by side instead.

Ctrl-C ends a script at once and without a traceback, even within imports and compiled loops. It leaves no more behind
than a killed script does, which the next run copes with.
"""

import multiprocessing
import os
import signal
import sys
import threading

for _name in (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
):
    os.environ[_name] = "1"

os.environ["NUMBA_CACHE_LOCATOR_CLASSES"] = ",".join(
    ["sourcewise.compute.numba_cache.InCache", "UserProvidedCacheLocator", "InTreeCacheLocator", "UserWideCacheLocator"]
)


def _is_script():
    """`python -m stages.<name>`, before that module is found, or a process that it started."""
    return sys.argv[:1] == ["-m"] or multiprocessing.current_process().name != "MainProcess"


def _is_ours():
    """No test, server or shell has set a handler of its own."""
    is_main = threading.current_thread() is threading.main_thread()
    return is_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler


if _is_script() and _is_ours():
    signal.signal(signal.SIGINT, signal.SIG_DFL)
