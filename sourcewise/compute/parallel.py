"""Work that is independent clip by clip, side by side, in order: on threads, or on the workers of a Dask scheduler."""

import os
import re
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Literal

from pydantic import NonNegativeFloat, PositiveInt, field_validator

from sourcewise.compute.dask_cluster import cluster
from sourcewise.compute.progress import Progress
from sourcewise.core.params import Section

CHUNK_ITEMS = 10
CHUNK_BYTES = 1_000_000  # results are used while they are in the CPU cache, and threads end together
AHEAD = 3  # chunks for each thread


class ComputeParams(Section):
    """`compute`: where work is done and how much is cached. No result depends on it."""

    backend: Literal["threads", "dask"]
    workers: PositiveInt | None
    address: str | None
    cache_gb: NonNegativeFloat

    @property
    def cache_bytes(self):
        """The largest size of .cache/."""
        return int(self.cache_gb * 1e9)

    @field_validator("address")
    @classmethod
    def _needed_with_dask(cls, address, info):
        if info.data.get("backend") == "dask" and not re.fullmatch(r"[a-z]+://.+:\d+", address or ""):
            raise ValueError("must name the scheduler if backend is dask, as in tcp://host:8786")
        return address


#: For work that has to be done on this machine.
THREADS = ComputeParams(backend="threads", workers=None, address=None, cache_gb=0)


def each(function, items, *, title, unit="clip", compute=THREADS):
    """Yield function(item) for each item, in the order of `items`, which needs a length and is read as work progresses.

    Neither the backend nor the number of workers changes a result. Threads share memory: decoders, FFTs and numba
    kernels release the lock. For Dask, function and items must pickle, and modules do not. Raises what `function`
    raises; then, and if the caller stops early, pending items are dropped.
    """
    total = len(items)
    if not total:
        return
    backend = threads(compute.workers or os.cpu_count()) if compute.backend == "threads" else cluster(compute.address)
    with backend as (submit, width), Progress(total=total, title=title, unit=unit) as bar:
        at_once = max(1, min(CHUNK_ITEMS, total // width()))
        for results in _in_order(submit, width, function, _chunks(items, at_once)):
            for result in results:
                yield result
                bar.update()


@contextmanager
def threads(n):
    """submit(function, chunk), a future of [function(item) for item in chunk]; width(), how many to have pending."""
    pool, stopped = ThreadPoolExecutor(n), Event()

    def work(function, chunk):
        return [function(item) for item in chunk if not stopped.is_set()]

    try:
        yield lambda function, chunk: pool.submit(work, function, chunk), lambda: AHEAD * n
    finally:
        stopped.set()
        pool.shutdown(cancel_futures=True)


def _in_order(submit, width, function, chunks):
    pending = deque()
    for chunk in chunks:
        pending.append(submit(function, chunk))
        while len(pending) >= width():
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()


def _chunks(items, at_once):
    """Lists of at most `at_once` items, and fewer where they are large."""
    chunk, size = [], 0
    for item in items:
        chunk.append(item)
        size += getattr(item, "nbytes", 0)
        if len(chunk) == at_once or size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk
