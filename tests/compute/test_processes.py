import os
import signal
import subprocess
import sys
import time

from sourcewise.compute.processes import side_by_side
from tests.conftest import REPOSITORY


def work(argument):
    print("not shown")
    if argument == "wrong":
        raise ValueError("a reason")
    if argument == "killed":
        os.kill(os.getpid(), signal.SIGKILL)


def test_errors_come_back_and_the_others_go_on(capfd):
    errors = side_by_side(work, ["one", "wrong", "two"], n=2, title="test", unit="thing")
    assert errors == {"one": None, "wrong": "ValueError: a reason", "two": None}
    assert "not shown" not in capfd.readouterr().out


def test_a_process_that_is_killed_is_an_error_too():
    errors = side_by_side(work, ["killed"], n=1, title="test", unit="thing")
    assert "terminated abruptly" in errors["killed"]


PARENT = """
import os, pathlib, sys, time
from sourcewise.compute.processes import side_by_side

def endless(path):
    pathlib.Path(path).write_text(str(os.getpid()))
    time.sleep(600)

if __name__ == "__main__":
    side_by_side(endless, [sys.argv[1]], n=1, title="test", unit="thing")
"""


def test_processes_end_with_the_one_that_began_them(tmp_path):
    (tmp_path / "parent.py").write_text(PARENT)
    pid_file = tmp_path / "pid"
    env = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    parent = subprocess.Popen([sys.executable, str(tmp_path / "parent.py"), str(pid_file)], env=env)
    _until(lambda: pid_file.is_file() and pid_file.read_text())
    child = int(pid_file.read_text())
    parent.kill()
    parent.wait()
    _until(lambda: not _runs(child))


def _until(condition):
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.1)


def _runs(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
