import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from sourcewise.compute.parallel import THREADS, ComputeParams, _chunks, each
from sourcewise.core import params
from sourcewise.core.errors import Stop
from tests.conftest import REPOSITORY


class Watched:
    """The numbers from 0; remembers how many were read."""

    def __init__(self, n):
        self.n, self.read = n, 0

    def __len__(self):
        return self.n

    def __iter__(self):
        for number in range(self.n):
            self.read += 1
            yield number


def _two():
    return THREADS.model_copy(update={"workers": 2})


def test_results_come_in_the_order_of_items_whichever_is_done_first():
    def late(number):
        time.sleep(0.004 if number % 7 == 0 else 0)
        return number * number

    assert list(each(late, range(200), title="t", compute=_two())) == [number * number for number in range(200)]


def test_work_is_side_by_side():
    met = threading.Barrier(2, timeout=10)
    assert list(each(lambda _: met.wait() >= 0, range(2), title="t", compute=_two())) == [True, True]


def test_no_items_no_results():
    assert list(each(abs, [], title="t")) == []


def test_items_are_read_as_work_goes_on():
    items = Watched(10_000)
    results = each(abs, items, title="t", compute=_two())
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    assert items.read <= 60
    results.close()


def test_chunks_are_small_where_items_are_large():
    small, large = np.zeros(10, np.int8), np.zeros(600_000, np.int8)
    assert [len(chunk) for chunk in _chunks([small] * 25, 10)] == [10, 10, 5]
    assert [len(chunk) for chunk in _chunks([large] * 5, 10)] == [2, 2, 1]


def test_an_exception_comes_as_it_is_and_ends_the_rest():
    done = []

    def work(number):
        if number == 5:
            raise ZeroDivisionError("five")
        time.sleep(0.001)
        done.append(number)

    before = threading.active_count()
    with pytest.raises(ZeroDivisionError, match="five"):
        list(each(work, range(10_000), title="t", compute=_two()))
    assert len(done) < 100 and threading.active_count() == before


def test_who_stops_early_leaves_no_thread_behind():
    before = threading.active_count()
    results = each(abs, range(10_000), title="t", compute=_two())
    next(results)
    assert threading.active_count() > before
    results.close()
    assert threading.active_count() == before


@pytest.mark.skipif(os.name == "nt", reason="sends a signal")
def test_an_interrupt_ends_a_run_at_once():
    code = (
        "import os, signal, threading, time; from sourcewise.compute.parallel import each\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell's background jobs ignore it
        "threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "for _ in each(lambda _: time.sleep(0.1), range(10_000), title='t'): pass"
    )
    start = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, timeout=60)
    assert "KeyboardInterrupt" in done.stderr and time.monotonic() - start < 20


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{backend: dask, workers: null, address: null, cache_gb: 1}", "address is blank: must name the scheduler"),
        ("{backend: dask, workers: null, address: host, cache_gb: 1}", "address is 'host': must name the scheduler"),
        ("{backend: gpu, workers: null, address: null, cache_gb: 1}", "backend is 'gpu': must be 'threads' or"),
        ("{backend: threads, workers: 0, address: null, cache_gb: 1}", "workers is 0: must be greater than 0"),
        ("{backend: threads, workers: 1, address: null, cache_gb: -1}", "cache_gb is -1: must be at least 0"),
    ],
)
def test_a_wrong_section_stops_with_its_name(tmp_path, text, sentence):
    (tmp_path / "p.yaml").write_text(f"compute: {text}\n")
    with pytest.raises(Stop, match=sentence):
        params.load(ComputeParams, "compute", tmp_path / "p.yaml")


def test_an_address_waits_for_the_day_that_backend_is_dask(tmp_path):
    (tmp_path / "p.yaml").write_text("compute: {backend: threads, workers: 3, address: anything, cache_gb: 0}\n")
    assert params.load(ComputeParams, "compute", tmp_path / "p.yaml").workers == 3
