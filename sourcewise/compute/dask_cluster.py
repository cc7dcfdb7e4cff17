"""Sends chunks of items to the workers of a Dask scheduler, which need the same code but no shared disk."""

from concurrent.futures import CancelledError, wait
from contextlib import contextmanager
from time import monotonic

from sourcewise.core import messages
from sourcewise.core.errors import Stop
from sourcewise.storage.fingerprints import versions

CONNECT_S = 10
COUNT_EVERY_S = 5  # workers may come and go
AHEAD = 3  # chunks for each thread of a worker


@contextmanager
def cluster(address):
    """Submit and width, as in `parallel.threads`, on the workers of the scheduler at `address`.

    Raises Stop with one sentence if no scheduler answers or it is lost, and if a worker has other code. Waits while
    there is no worker. The chunks of a worker that dies go to the others.
    """
    import dask
    import distributed

    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1TB"}), _connect(address) as client:
        tasks = _Tasks(client, address)
        try:
            tasks.wait_for_workers()
            yield tasks.submit, tasks.width
        except (CancelledError, distributed.comm.CommClosedError):
            raise Stop(f"compute: the Dask scheduler at {address} was lost: start it, then run this again") from None
        except distributed.scheduler.KilledWorker as error:
            raise Stop(
                f"compute: {error.allowed_failures + 1} workers of {address} died at the same clips: "
                "see what they printed, or give them more memory"
            ) from None
        finally:
            tasks.cancel()


def _connect(address):
    from distributed import Client

    try:
        return Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise Stop(
            f"compute: no Dask scheduler answers at {address} ({type(error).__name__}): "
            "start one with `dask scheduler`, or set compute.backend to threads"
        ) from None


class _Tasks:
    """The running tasks on a cluster."""

    def __init__(self, client, address):
        self._client, self._address = client, address
        self._executor = client.get_executor(pure=False)
        self._work, self._counted, self._width = _work(), -COUNT_EVERY_S, 1

    def submit(self, function, chunk):
        """A task whose `result()` is [function(item) for item in chunk]."""
        import cloudpickle

        payload = cloudpickle.dumps((function, chunk))  # of a slice of a memory map: the slice
        return _Task(self._executor.submit(self._work, payload, versions()), self)

    def width(self):
        """How many chunks keep the present workers busy."""
        if monotonic() - self._counted >= COUNT_EVERY_S:
            self._width = AHEAD * max(1, sum(self._client.nthreads().values()))
            self._counted = monotonic()
        return self._width

    def wait_for_workers(self):
        """Return once there is a worker; warn if there is none."""
        if not self._client.nthreads():
            messages.warn(
                f"{self._address} has no worker, waiting for one: start it in a clone of this repository "
                f"with `PYTHONPATH=. dask worker {self._address}`"
            )
            self._client.wait_for_workers(1)

    def cancel(self):
        """Cancel the tasks that have not begun."""
        self._executor.shutdown(wait=False)


class _Task:
    def __init__(self, future, tasks):
        self._future, self._tasks = future, tasks

    def result(self):
        while not wait([self._future], timeout=COUNT_EVERY_S).done:
            self._tasks.wait_for_workers()
        result = self._future.result()
        if isinstance(result, str):
            raise Stop(result)
        return result


def _work():
    """The function that a worker runs. A nested function is sent as code, so that the worker may lack this module."""

    def work(payload, expected):
        import cloudpickle
        import distributed

        address = distributed.get_worker().address
        try:
            from sourcewise.storage.fingerprints import versions
        except ImportError:
            return (
                f"compute: the worker {address} has no sourcewise/: "
                "start it in a clone of this repository, PYTHONPATH=."
            )
        own = versions()
        if own["sourcewise"] != expected["sourcewise"]:
            return (
                f"compute: the worker {address} has other code in sourcewise/ or stages/: check out this commit there, "
                "then restart it"
            )
        for name, version in expected.items():
            if version != own[name]:
                return (
                    f"compute: the worker {address} has {name} {own[name]}, this machine has {version}: "
                    "install the same version there, then restart it"
                )
        function, chunk = cloudpickle.loads(payload)
        try:
            return [function(item) for item in chunk]
        except SystemExit as error:  # would end the worker
            return str(error.code).strip().removeprefix("sourcewise: ")

    return work
