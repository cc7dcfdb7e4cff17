"""A machine to have bad days on: a clone in which the tiny pipeline has run undisturbed, ways to make some of it run
anew, and what differs afterwards."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from hashlib import md5, sha256
from pathlib import Path

from sourcewise.core.params import read_yaml
from tests.clones import DATASET_FILE, clone, environment, tiny_corpus

#: What DVC writes in place: a kill or a full disk may leave half of it. The README says to remove what DVC then names.
IN_PLACE = ("dvc.lock", ".dvc/tmp/rwlock")
END_S = 1800  # nothing may hang; of a busy machine a tiny run takes ten minutes


class Machine:
    """A repository in `folder`, with its recordings beside it; `took`: how many seconds each stage did."""

    def __init__(self, folder, took=()):
        self.folder, self.took = Path(folder), took

    @classmethod
    def new(cls, place):
        """One that has run, in an empty folder."""
        tiny_corpus(place / "recordings")
        self = cls(clone(place / "clone", DATASET_FILE.format("recordings")))
        self.took = _durations(self.start())
        return self

    def copy(self, place):
        """The same in another folder, hard links into DVC's cache included."""
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        copied = ["cp", "-a", self.folder.parent / "recordings", self.folder, place]
        subprocess.run(copied, check=True)
        return Machine(place / self.folder.name, self.took)

    def outs(self):
        """{stage: [(path, digest) of each of its outs]}, as dvc.lock has them."""
        stages = read_yaml(self.folder / "dvc.lock")["stages"]
        return {name: [(out["path"], out["md5"]) for out in stage.get("outs", [])] for name, stage in stages.items()}

    def forget(self, names):
        """Remove what some stages made, from the working tree and from DVC's cache, and what is remembered of clips:
        they have to run again, and no others, whose files in the cache may be the same."""
        outs = self.outs()
        of_others = {
            one for name in set(outs) - set(names) for _, digest in outs[name] for one in self._members(digest)
        }
        for path, digest in (out for name in names for out in outs[name]):
            _remove(self.folder / path)
            for one in set(self._members(digest)) - of_others:
                _remove(self.object(one))
        for path in self.folder.glob(".cache/*"):
            _remove(path)

    def _members(self, digest):
        """The digest of an out, and of the files in it where it is a folder."""
        path = self.object(digest)
        if digest.endswith(".dir") and path.is_file():
            return [digest, *(file["md5"] for file in json.loads(path.read_text()))]
        return [digest]

    def object(self, digest):
        """The path of an object in DVC's cache."""
        return self.folder / ".dvc/cache/files/md5" / digest[:2] / digest[2:]

    def start(self, *arguments, command=(), run_cache=False, **more):
        """`dvc repro` as a process, the leader of a session; nothing comes from DVC's cache of runs, unless it may.
        command: to run it with; more: environment."""
        command = [*command, sys.executable, "-m", "dvc", "repro", *arguments]
        command += [] if run_cache else ["--no-run-cache"]
        how = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "errors": "replace"}
        return subprocess.Popen(command, cwd=self.folder, env=environment(**more), start_new_session=True, **how)

    def repro(self, *arguments, status=0, **how):
        """What it printed; its exit status must be as expected."""
        run = self.start(*arguments, **how)
        try:
            printed, _ = run.communicate(timeout=END_S)
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            raise AssertionError(f"dvc repro did not end within {END_S} s") from None
        assert run.returncode == status, f"dvc repro ended with {run.returncode}:\n{printed[-3000:]}"
        return printed

    def go_on(self, removed):
        """`dvc repro` after one that did not end; what it names of IN_PLACE is removed, and put into the list."""
        while True:
            printed, _ = (run := self.start(run_cache=True)).communicate(timeout=END_S)
            named = [name for name in IN_PLACE if f"{name}'" in printed and name not in removed]
            if run.returncode == 0 or not named:
                break
            (self.folder / named[0]).unlink()
            removed.append(named[0])
        assert run.returncode == 0, f"the next dvc repro ended with {run.returncode}: {printed[-300:]}"

    def state(self):
        """{path: (bytes, digest)} of dvc.lock and of all files that stages made."""
        places = [self.folder / path for outs in self.outs().values() for path, _ in outs]
        files = {file for place in places for file in ([place] if place.is_file() else place.rglob("*"))}
        files = sorted(file for file in {*files, self.folder / "dvc.lock"} if file.is_file())
        return {str(file.relative_to(self.folder)): _digest(file) for file in files}

    def broken_objects(self):
        """The files in DVC's cache whose content is not what their name says: half-written ones."""
        objects = (self.folder / ".dvc/cache/files/md5").glob("??/*")
        return [path.name for path in objects if len(path.name) >= 30 and not _is_whole(path)]


def lost(before, after):
    """The bytes of files that are gone or differ, and their names."""
    paths = [path for path, known in before.items() if after.get(path) != known]
    return sum(before[path][0] for path in paths), paths + sorted(set(after) - set(before))


def is_same(machine, before):
    """Raises where a file is gone, differs or is new, or where an object of the cache is not whole."""
    n_bytes, paths = lost(before, machine.state())
    assert not paths, f"{n_bytes} bytes differ: {', '.join(paths[:5])}"
    assert not machine.broken_objects(), f"broken in .dvc/cache: {machine.broken_objects()}"


def said(printed):
    """The sentences of errors, in a line; raises at a traceback."""
    assert "Traceback" not in printed, printed[-3000:]
    lines = [line for line in printed.splitlines() if re.match(r"(sourcewise|ERROR|compute|cache): ", line)]
    return " / ".join(lines)


def left_over(session):
    """The processes of a session, after at most five seconds to end in."""
    until = time.monotonic() + 5
    while (found := running(session)) and time.monotonic() < until:
        time.sleep(0.1)
    return found


def running(session):
    """The names of the processes of a session."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            name, _, rest = (place / "stat").read_text().rpartition(")")
        except (FileNotFoundError, ProcessLookupError):
            continue
        state, _, _, its_session, *_ = rest.split()
        if int(its_session) == session and state != "Z":
            found.append(name)
    return found


def _durations(run):
    """{stage: seconds} of a run, DVC's own share included."""
    starts, printed = [], []
    for line in run.stdout:
        printed.append(line)
        if match := re.match(r"Running stage '(.+)':", line):
            starts.append((match[1], time.monotonic()))
    assert run.wait() == 0, "".join(printed[-30:])
    ends = [start for _, start in starts[1:]] + [time.monotonic()]
    return {name: end - start for (name, start), end in zip(starts, ends, strict=True)}


def _remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _digest(path):
    data = path.read_bytes()
    return len(data), sha256(data).hexdigest()


def _is_whole(path):
    digest = (path.parent.name + path.name).removesuffix(".dir")
    return md5(path.read_bytes()).hexdigest() == digest
