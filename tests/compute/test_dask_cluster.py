"""A real scheduler and real workers, started as a user starts them, on this machine's own address."""

import json
import os
import signal
import subprocess
import sys
import time
from functools import partial

import distributed
import numpy as np
import pytest

from sourcewise.compute import dask_cluster
from sourcewise.compute.parallel import ComputeParams, each
from sourcewise.core.errors import Stop
from sourcewise.storage.files import Ragged, writer
from tests.conftest import REPOSITORY

pytestmark = pytest.mark.skipif(os.name == "nt", reason="ends workers by a signal")


class Started:
    """A scheduler, and workers one by one; all end with the test, and by themselves soon after."""

    def __init__(self, folder, **env):
        self._folder, self._processes, self._env = folder, [], env
        self._file = folder / "scheduler.json"
        self._start("scheduler", "--port", "0", "--idle-timeout", "60s", "--scheduler-file", str(self._file))
        for _ in range(300):
            if self._file.is_file() and self._file.stat().st_size:
                break
            time.sleep(0.1)
        self.address = json.loads(self._file.read_text())["address"]

    def worker(self, path=str(REPOSITORY)):
        """One more worker with one thread, as its process."""
        arguments = ("--no-nanny", "--nthreads", "1", "--death-timeout", "20", "--local-directory", str(self._folder))
        return self._start("worker", self.address, *arguments, path=path)

    def _start(self, role, *arguments, path=""):
        command = [sys.executable, "-m", "dask", role, "--host", "127.0.0.1", "--no-dashboard", *arguments]
        with open(self._folder / f"{role}{len(self._processes)}.log", "w") as log:
            env = os.environ | {"PYTHONPATH": path} | self._env
            self._processes.append(
                subprocess.Popen(command, cwd=self._folder, env=env, stdout=log, stderr=subprocess.STDOUT)
            )
        return self._processes[-1]

    def wait_for_workers(self, n):
        with distributed.Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(n, timeout=60)

    def end(self):
        for process in reversed(self._processes):
            process.kill()
            process.wait()

    @property
    def compute(self):
        return ComputeParams(backend="dask", workers=None, address=self.address, cache_gb=0)


@pytest.fixture
def started(tmp_path):
    started = Started(tmp_path)
    yield started
    started.end()


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """A scheduler with two workers."""
    started = Started(tmp_path_factory.mktemp("dask"))
    started.worker()
    started.worker()
    started.wait_for_workers(2)
    yield started
    started.end()


def spectrum(x, *, power):
    return np.abs(np.fft.rfft(x.astype(np.float32))) ** power


def counted(x, *, log):
    with open(log, "a") as file:
        file.write(f"{len(x)} {os.getpid()}\n")
    time.sleep(0.01)
    return np.cumsum(x)


def fail(x):
    raise ZeroDivisionError("seven" if len(x) == 7 else "other")


def die(x):
    os.kill(os.getpid(), signal.SIGKILL)


def end(x):
    raise Stop("extract: the clip is wrong: mend it")


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """200 clips of 1 to 2 s in a memory map."""
    folder = tmp_path_factory.mktemp("clips")
    rng = np.random.default_rng(0)
    with writer(folder, np.int16) as append:
        for _ in range(200):
            append(rng.integers(-3000, 3000, rng.integers(16_000, 32_000)))
    return Ragged.open(folder)


def _same(results, expected):
    results, expected = list(results), list(expected)
    assert len(results) == len(expected) == 200
    for one, other in zip(results, expected, strict=True):
        assert one.dtype == other.dtype and np.array_equal(one, other)


def test_results_are_those_of_threads_and_the_terminal_stays_quiet(two, clips, capfd):
    function = partial(spectrum, power=2)
    _same(each(function, clips, title="t", compute=two.compute), each(function, clips, title="t"))
    shown = capfd.readouterr()
    assert shown.out + shown.err == ""


def test_what_a_clip_of_a_memory_map_weighs_on_its_way_is_the_clip(clips):
    import cloudpickle

    assert len(cloudpickle.dumps((abs, [clips[0], clips[1]]))) < clips[0].nbytes + clips[1].nbytes + 1000


@pytest.mark.parametrize(("function", "error", "text"), [(fail, ZeroDivisionError, "other"), (end, Stop, "mend it")])
def test_an_exception_comes_as_it_is(two, clips, function, error, text):
    with pytest.raises(error, match=text):
        list(each(function, clips, title="t", compute=two.compute))


def test_who_stops_early_can_start_again(two, clips):
    results = each(partial(spectrum, power=1), clips, title="t", compute=two.compute)
    next(results)
    results.close()
    assert next(each(len, clips, title="t", compute=two.compute)) == len(clips[0])


def test_a_worker_with_other_code_or_packages_stops_the_run(two, clips, monkeypatch):
    ours = dask_cluster.versions()
    monkeypatch.setattr(dask_cluster, "versions", lambda: ours | {"sourcewise": "0"})
    with pytest.raises(
        Stop, match=r"compute: the worker tcp://127\.0\.0\.1:\d+ has other code in sourcewise/ or stages/: check out"
    ):
        list(each(len, clips, title="t", compute=two.compute))
    monkeypatch.setattr(dask_cluster, "versions", lambda: ours | {"numpy": "1.0"})
    with pytest.raises(Stop, match=rf"has numpy {np.__version__}, this machine has 1\.0: install the same"):
        list(each(len, clips, title="t", compute=two.compute))


def test_a_killed_worker_costs_its_clips_only(started, clips, tmp_path):
    log = tmp_path / "calls"
    first, second = started.worker(), started.worker()
    started.wait_for_workers(2)
    results = each(partial(counted, log=str(log)), clips, title="t", compute=started.compute)
    first_80 = [next(results) for _ in range(80)]
    assert {int(line.split()[1]) for line in log.read_text().splitlines()} == {first.pid, second.pid}
    os.kill(first.pid, signal.SIGKILL)
    _same(first_80 + list(results), (np.cumsum(clip) for clip in clips))
    assert 200 <= len(log.read_text().splitlines()) <= 200 + 3 * 10 * 2  # the chunks that it had or was to have


def test_clips_at_which_workers_die_end_the_run(tmp_path, clips):
    started = Started(tmp_path, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0")
    try:
        started.worker()
        with pytest.raises(Stop, match=f"compute: 1 workers of {started.address} died at the same clips: see what"):
            list(each(die, clips, title="t", compute=started.compute))
    finally:
        started.end()


def test_a_worker_that_comes_late_is_waited_for(started, clips, capfd):
    results = each(len, clips, title="t", compute=started.compute)
    worker = started.worker()
    assert list(results) == [len(clip) for clip in clips]
    assert capfd.readouterr().err in ("", _waiting(started.address))
    os.kill(worker.pid, signal.SIGKILL)


def _waiting(address):
    return (
        f"WARNING: {address} has no worker, waiting for one: start it in a clone of this repository "
        f"with `PYTHONPATH=. dask worker {address}`\n"
    )


def test_a_worker_outside_a_clone_is_named(started, clips):
    started.worker(path="")
    with pytest.raises(Stop, match=r"the worker tcp://127\.0\.0\.1:\d+ has no sourcewise/: start it in a clone"):
        list(each(len, clips, title="t", compute=started.compute))


def test_no_scheduler_no_run(clips, monkeypatch):
    monkeypatch.setattr(dask_cluster, "CONNECT_S", 1)
    nobody = ComputeParams(backend="dask", workers=None, address="tcp://127.0.0.1:9", cache_gb=0)
    with pytest.raises(Stop, match=r"compute: no Dask scheduler answers at tcp://127\.0\.0\.1:9 .*: start one with"):
        list(each(len, clips, title="t", compute=nobody))


def test_a_scheduler_that_goes_ends_the_run(started, clips):
    started.worker()
    results = each(partial(counted, log=os.devnull), clips, title="t", compute=started.compute)
    next(results)
    started.end()
    with pytest.raises(Stop, match=f"compute: the Dask scheduler at {started.address} was lost"):
        list(results)
