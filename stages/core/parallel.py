"""Work that is independent clip by clip, side by side, in order, with a progress bar."""

import os

from joblib import Parallel, delayed
from tqdm import tqdm


def each(function, items, *, what, unit="clip"):
    """Yield function(item) for each item, in the order of `items`.

    Threads: decoders, FFTs and numba kernels release the lock, and nothing is copied between processes.
    Results do not depend on the number of cores. The bar shows on a terminal only.
    """
    jobs = Parallel(n_jobs=os.cpu_count(), backend="threading", return_as="generator", batch_size=8)
    results = jobs(delayed(function)(item) for item in items)
    yield from tqdm(results, total=len(items), desc=what, unit=unit, disable=None)
