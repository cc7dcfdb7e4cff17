"""Bad days of a machine, each a function: it raises AssertionError where something is lost or unclear, and gives back
what was said. Where this system cannot have such a day, it raises Absent with the reason."""

import os
import re
import shutil
import subprocess
import time
from contextlib import contextmanager

from tests.robustness.machine import END_S, is_same, said

NOBODY = 65534
#: Runs a command as nobody, who may write no file of root's; may read them, as root's own folder may hold Python.
AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
AS_NOBODY += ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
PAGE = 4096
YEAR_S = 365 * 86_400


class Absent(Exception):
    """This system cannot have such a day; why."""


@contextmanager
def small_disk(place, *, n_bytes):
    """A file system of its own at `place`; needs root."""
    place.mkdir(parents=True, exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={n_bytes}", "tmpfs", str(place)], capture_output=True, text=True
    )
    if mounted.returncode:
        raise Absent(f"no tmpfs can be mounted: {mounted.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(place, *, leave):
    """Fill the file system at `place` until `leave` bytes are left; the file that does."""
    filler = place / "filler"
    with open(filler, "wb", buffering=0) as file:
        n_bytes = shutil.disk_usage(place).free - leave
        os.posix_fallocate(file.fileno(), 0, max(PAGE, n_bytes // PAGE * PAGE))
    return filler


def disk_full(machine, before, stage):
    """The disk has room for half of what a stage makes. It says so; once there is room the run goes on, after what DVC
    could not write whole is removed."""
    made = tuple(f"{out}/" for out, _ in machine.outs()[stage])
    n_bytes = sum(size for path, (size, _) in before.items() if f"{path}/".startswith(made))
    machine.forget([stage])
    filler = fill(machine.folder.parent, leave=n_bytes // 2)
    run = machine.start()
    printed, _ = run.communicate(timeout=END_S)
    filler.unlink()
    sentence = said(printed)
    assert run.returncode == 0 or re.search("disk is full|No space left", sentence), printed[-2000:]
    machine.go_on(removed := [])
    is_same(machine, before)
    first = sentence if run.returncode else "had room enough"
    return f"removed {', '.join(removed)}; {first}" if removed else first


def read_only_data(machine, before, place):
    """data/ cannot be written."""
    machine = as_nobody(machine, place)
    machine.forget(["split"])
    data = machine.folder / "data"
    data.chmod(0o555)
    run = machine.start(command=AS_NOBODY)
    printed, _ = run.communicate(timeout=END_S)
    data.chmod(0o755)
    sentence = said(printed)
    assert run.returncode and "ermission denied" in sentence, printed
    machine.repro(command=AS_NOBODY)
    is_same(machine, before)
    return sentence


def as_nobody(machine, place):
    """A copy that belongs to the user nobody; needs root."""
    if os.geteuid():
        raise Absent("only root can be another user")
    machine = machine.copy(place)
    subprocess.run(["chown", "-hR", f"{NOBODY}:{NOBODY}", str(place)], check=True)
    return machine


def another_user(machine, before, place):
    """Root's work is gone on with by nobody, and the other way round."""
    machine = as_nobody(machine, place)
    machine.forget(["extract@mfcc"])
    machine.repro(command=AS_NOBODY, HOME=str(place))
    is_same(machine, before)
    machine.forget(["split"])
    machine.repro()
    is_same(machine, before)
    return "same bytes"


def two_at_once(machine, before, place):
    """A second run in the same clone says that it has to wait, or does no harm."""
    machine.forget(["split", "train@cnn"])
    first = machine.start()
    time.sleep(3)
    second = machine.start()
    printed = [run.communicate(timeout=END_S)[0] for run in (first, second)]
    assert first.returncode == 0, printed[0]
    sentence = said(printed[1])
    assert second.returncode == 0 or sentence, printed[1]
    machine.repro()
    is_same(machine, before)
    return sentence or "both ended well"


def clock_set_back(machine, before, place):
    """All files are of next year, then of 1980: nothing runs for that, and what does makes the same."""
    for when in (time.time() + YEAR_S, 10 * YEAR_S):
        for file in [*machine.folder.rglob("*"), *machine.folder.parent.glob("recordings/**/*")]:
            if ".git" not in file.parts:
                os.utime(file, (when, when), follow_symlinks=False)
        printed = machine.repro()
        assert "Running stage 'ingest'" not in printed and "Running stage 'train" not in printed, printed
        machine.forget(["ingest"])
        machine.repro()
        is_same(machine, before)
    return "nothing ran but what had to; same bytes"


def cache_deleted(machine, before, place):
    """DVC's cache is deleted while a stage runs."""
    machine.forget(["ingest", "extract@mfcc"])
    run = machine.start()
    time.sleep(6)
    shutil.rmtree(machine.folder / ".dvc/cache", ignore_errors=True)
    printed, _ = run.communicate(timeout=END_S)
    machine.repro()
    is_same(machine, before)
    return said(printed) or "the run went on"


def object_damaged(machine, before, place):
    """A file in DVC's cache, and with it the one that is a link to it, loses its second half. DVC looks at what may be
    written there, and trusts all else."""
    _, digest = next(out for out in machine.outs()["split"] if out[0] == "data/split.csv")
    os.truncate(machine.object(digest), machine.object(digest).stat().st_size // 2)
    assert machine.broken_objects() == [machine.object(digest).name]
    subprocess.run(["chmod", "-R", "u+w", ".dvc/cache"], cwd=machine.folder, check=True)
    printed = machine.repro()
    is_same(machine, before)
    return said(printed) or "made anew, after chmod -R u+w .dvc/cache"


def elsewhere(machine, before, place):
    """Everything from the start, at a place with spaces and umlauts, in Turkish and in Kathmandu."""
    names = {"LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu", "LOCPATH": str(place / "locales")}
    (place / "locales").mkdir(parents=True)
    made = ["localedef", "-i", "tr_TR", "-f", "UTF-8", str(place / "locales/tr_TR.UTF-8")]
    if not shutil.which("localedef") or subprocess.run(made, capture_output=True).returncode:
        names = {"LC_ALL": "C", "TZ": "Asia/Kathmandu"}
    other = machine.copy(place / "zweiter Läufer & Söhne")
    other.forget(list(machine.took))
    (other.folder / "dvc.lock").unlink()
    other.repro(**names)
    is_same(other, before)
    return f"same bytes with LC_ALL={names['LC_ALL']}"


#: What is tried beside full disks.
DAYS = {
    "data/ cannot be written": read_only_data,
    "run by root, gone on with by nobody": another_user,
    "two runs at once in one clone": two_at_once,
    "clock set back": clock_set_back,
    "DVC's cache deleted while a stage runs": cache_deleted,
    "a damaged file in DVC's cache": object_damaged,
    "all of it elsewhere: spaces, umlauts, locale, time zone": elsewhere,
}
