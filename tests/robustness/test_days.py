"""A few bad days, cheap ones: a kill, Ctrl-C, a full disk, a folder that cannot be written, another locale. The others,
and of these many more, are in `make torture`."""

import locale
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from sourcewise.core.params import read_yaml
from stages import augment, duplicates, extract, ingest, split
from tests.conftest import REPOSITORY, change_params
from tests.robustness.days import AS_NOBODY, Absent, fill, small_disk
from tests.robustness.machine import left_over, lost, running, said

pytestmark = pytest.mark.skipif(os.name == "nt", reason="ends processes by a signal")


MADE_BY = {"ingest": "clips", "split": "split.csv"}


def start(stage, command=()):
    """`python -m stages.<stage>` here, the leader of a session."""
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "start_new_session": True}
    env = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    return subprocess.Popen([*command, sys.executable, "-m", *f"stages.{stage}".split()], env=env, **how)


def made(folder):
    """{path: (bytes, content)} of what the stages as far as the split make."""
    files = (file for name in ("clips", "duplicates") for file in (folder / "data" / name).rglob("*"))
    files = [
        *files,
        *(folder / "data" / f"{name}.csv" for name in ("manifest", "rejected", "copies", "events", "split")),
    ]
    return {str(file.relative_to(folder)): (file.stat().st_size, file.read_bytes()) for file in files}


def test_what_is_lost_is_counted():
    before = {"a": (3, "x"), "b": (5, "y"), "c": (7, "z")}
    assert lost(before, before) == (0, [])
    assert lost(before, {"a": (3, "x"), "b": (5, "other"), "d": (1, "new")}) == (12, ["b", "c", "d"])


@pytest.mark.parametrize("there", [".", "data/clips/values.npy"])
def test_a_killed_stage_leaves_nothing_that_is_taken_for_whole(small, there):
    folder = small()
    before = made(folder)
    shutil.rmtree(folder / "data/clips")
    shutil.rmtree(folder / ".cache")
    run = start("ingest")
    while run.poll() is None and not (folder / there).exists():
        time.sleep(0.001)
    with suppress(ProcessLookupError):  # it may just have ended
        os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    for stage in (ingest, duplicates, split):
        stage.main()
    assert lost(before, made(folder)) == (0, [])


@pytest.fixture
def hears_ctrl_c():
    """A shell's background jobs ignore it, and so would all that they begin."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="asks the system how far the import is")
@pytest.mark.usefixtures("hears_ctrl_c")
@pytest.mark.parametrize("after_s", [0, 0.5])
def test_ctrl_c_ends_a_stage_at_once_without_a_word(small, after_s):
    small()
    augment.main()
    extract.main("mfcc")
    run = start("train svm")
    while run.poll() is None and "numpy" not in Path(f"/proc/{run.pid}/maps").read_text():
        time.sleep(0.01)
    time.sleep(after_s)  # it imports scikit-learn
    os.killpg(run.pid, signal.SIGINT)
    printed, _ = run.communicate(timeout=5)
    assert (run.returncode, printed) == (-signal.SIGINT, "")


@pytest.mark.parametrize("after_s", [0.5, 1])  # before that, Python itself has not begun, and says so in its own way
def test_ctrl_c_ends_the_processes_that_train_side_by_side(small, after_s):
    folder = small(compute__workers=2)
    known = read_yaml(folder / "params.yaml")["classifiers"]
    change_params(
        folder, {"classifiers": {name: known[name] for name in ("svm", "ann")}, "generators": {}, "denoisers": {}}
    )
    augment.main()
    extract.main("mfcc")
    run = start("train_in_parallel")
    until = time.monotonic() + 60
    while len(running(run.pid)) < 3 and time.monotonic() < until:  # another is multiprocessing's own
        assert run.poll() is None
        time.sleep(0.02)
    time.sleep(after_s)  # they import
    os.killpg(run.pid, signal.SIGINT)
    printed, _ = run.communicate(timeout=5)
    fits = "train_in_parallel: 2 classifiers: 2 fits on 1 fold\n"
    assert (run.returncode, printed) == (128 + signal.SIGINT, fits)
    assert left_over(run.pid) == []


def stored(folder, place, stage):
    """The same repository on another disk, without what the stage makes."""
    shutil.copytree(folder, place / "here", ignore=shutil.ignore_patterns(".cache", MADE_BY[stage]))
    return place / "here"


@pytest.mark.parametrize("stage", ["ingest", "split"])
def test_a_full_disk_is_said_and_nothing_is_lost(small, monkeypatch, tmp_path_factory, stage):
    folder = small()
    before = made(folder)
    try:
        with small_disk(tmp_path_factory.mktemp("disk"), n_bytes=4_000_000) as disk:
            monkeypatch.chdir(stored(folder, disk, stage))
            filler = fill(disk, leave=0)
            printed, _ = (run := start(stage)).communicate(timeout=60)
            assert run.returncode == 1
            sentence = f"sourcewise: {stage}: the disk is full: make room, then `dvc repro` goes on from here"
            assert said(printed).split(" / ")[-1] == sentence  # before it: that nothing can be remembered
            filler.unlink()
            assert start(stage).wait(timeout=60) == 0
            assert lost(before, made(Path.cwd())) == (0, [])
            monkeypatch.chdir(folder)
    except Absent as reason:
        pytest.skip(str(reason))


def test_a_folder_that_cannot_be_written_is_named(small):
    folder = small()
    before, command = made(folder), ()
    if os.geteuid() == 0:
        command = AS_NOBODY if shutil.which("setpriv") else pytest.skip("root may write everything, and no setpriv")
    (folder / "data").chmod(0o555)
    printed, _ = (run := start("split", command)).communicate(timeout=60)
    (folder / "data").chmod(0o755)
    assert run.returncode == 1
    assert (
        said(printed)
        == "sourcewise: split: data/split.csv: permission denied: grant yourself write permission, then `dvc repro`"
    )
    assert lost(before, made(folder)) == (0, [])


def test_a_decimal_comma_and_another_time_zone_change_no_byte(small, monkeypatch, tmp_path_factory):
    folder, place = small(), tmp_path_factory.mktemp("locales")
    before = made(folder)
    shutil.rmtree(folder / ".cache")
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    monkeypatch.setenv("LOCPATH", str(place))
    if (
        not shutil.which("localedef")
        or subprocess.run(
            ["localedef", "-i", "tr_TR", "-f", "UTF-8", str(place / "tr_TR.UTF-8")], capture_output=True
        ).returncode
    ):
        pytest.skip("no localedef to make the locale of")
    time.tzset()
    locale.setlocale(locale.LC_ALL, "tr_TR.UTF-8")
    try:
        assert locale.str(0.5) == "0,5"
        for stage in (ingest, duplicates, split):
            stage.main()
    finally:
        locale.setlocale(locale.LC_ALL, "C.UTF-8")
        monkeypatch.undo()
        time.tzset()
    assert lost(before, made(folder)) == (0, [])
