"""Results that lie ready: the stage `train_in_parallel` makes what is new side by side on all cores, and the stages
`train@`, `generate@` and `denoise@` take it from there. A stage makes what is missing itself: the bytes are the same.

A kind of work is a module with
- `fingerprint(name)`: 20 hex digits of all that the result for an entry depends on;
- `folds(name)`: the numbers of the folds that it is made for, one by one;
- `work(job, folder)`: makes the result for one fold in an empty folder. Raises NotRun where it cannot;
- `join(name, parts, root)`: puts the folders of all folds together, below `root`, at the paths in `outs(name)`;
- `outs(name)`: the paths that its stage writes;
- `marked(name)`: the one of these, a folder, that holds the fingerprint.
"""

import hashlib
import json
import os
import shutil
from collections import Counter
from functools import cache
from importlib import import_module
from typing import NamedTuple

from sourcewise.compute.processes import side_by_side
from sourcewise.core import messages
from sourcewise.core.errors import NotRun, count
from sourcewise.core.paths import CACHE, CODE_USED, FOLD, NOT_RUN
from sourcewise.datasets.folds import n_folds
from sourcewise.storage import fingerprints
from sourcewise.storage.files import fresh_folder, read_json, sha256, write_json, write_text

READY = CACHE / "ready"
#: The kinds, in the order in which they are started: classifiers train on what generators make.
MODULES = {
    "generate": "sourcewise.models.adversarial.generate",
    "denoise": "sourcewise.models.denoising.scoring",
    "train": "sourcewise.models.training",
}
SECTIONS = {"generate": "generators", "denoise": "denoisers", "train": "classifiers"}
#: The folder with the joined folds; where it lies, all of it is complete.
JOINED = "joined"
#: The file in the folder of a result with its fingerprint.
FINGERPRINT = "fingerprint.txt"


class Job(NamedTuple):
    """One entry, of a kind in MODULES, to be fitted on one fold."""

    kind: str
    name: str
    fold: int

    def __str__(self):
        return f"{self.kind} {self.name}, fold {self.fold}"

    @property
    def folder(self):
        """Where its result lies when it is ready."""
        return _folder(self.kind, self.name) / FOLD.format(self.fold)


def fingerprint(kind, entry, *parts):
    """20 hex digits of all that a result depends on: its entry in params.yaml, the code of its stage, the packages, and
    the parts, JSON values. Imports none of that code."""
    code = CODE_USED / kind / f"{entry.get('model')}.txt"
    parts = [kind, entry, *parts, sha256(code), fingerprints.training_packages()]
    return hashlib.blake2b(json.dumps(parts, sort_keys=True).encode(), digest_size=10).hexdigest()


def reason(parts):
    """Why an entry did not run, by the folders of its folds; None where it ran."""
    files = [part / NOT_RUN for part in parts if (part / NOT_RUN).is_file()]
    return read_json(files[0])["reason"] if files else None


def take(kind, name):
    """Move the result of an entry to where its stage writes it: the one that is ready, else a new one."""
    fingerprint_of.cache_clear()
    joined = _joined(kind, name)
    for path in _module(kind).outs(name):
        shutil.rmtree(path, ignore_errors=True)
        path.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        if kind == "generate":  # taken again where only the features of its clips are to be made anew
            (shutil.copytree if (joined / path).is_dir() else shutil.copyfile)(joined / path, path)
        else:
            os.replace(joined / path, path)
        if (path / NOT_RUN).is_file() and path == _module(kind).outs(name)[0]:
            messages.info(f"{name} is not run: {read_json(path / NOT_RUN)['reason']}")
    if kind != "generate":
        _remove(joined.parent)


def make(names, workers, settle):
    """Do all jobs that are new in that many parallel processes, for `take`; what an earlier run left ready is not done
    again. It saves time and changes no byte. Returns {(kind, name): fingerprint} of all but classifiers that train on
    generated clips.

    names: {kind: [names]}. settle(name, folder) is called for each generator that is new, with the folder in which its
    outs lie, before such classifiers are fitted.
    """
    fingerprint_of.cache_clear()
    generator_of = {name: _module("train").generator_of(name) for name in names["train"]}
    new = [(kind, name) for kind in MODULES for name in names[kind] if kind != "train" and not _is_in_place(kind, name)]
    unsettled = {name for kind, name in new if kind == "generate"}
    for name in sorted(name for name in unsettled if not _missing("generate", name)):
        settle(name, _joined("generate", name))
        unsettled.remove(name)
    new += [
        ("train", n)
        for n, generator in generator_of.items()
        if generator not in unsettled and not _is_in_place("train", n)
    ]
    jobs = [job for kind, name in new for job in _missing(kind, name)]
    waiting = {name: generator for name, generator in generator_of.items() if generator in unsettled}
    if len(jobs) + len(waiting) > 1 and workers > 1:  # a single one is done by its stage, which shows its progress
        _announce(new, jobs)
        _Pool(jobs, waiting, settle, unsettled).run(workers)
    each = {(kind, name): fingerprint_of(kind, name) for kind in MODULES for name in names[kind] if kind != "train"}
    each |= {("train", name): fingerprint_of("train", name) for name, of in generator_of.items() if of is None}
    settled = [name for name, of in generator_of.items() if of is not None and of not in unsettled]
    _remove_all_but({*each.values(), *(fingerprint_of("train", name) for name in settled)})
    return each


class _Pool:
    """Jobs side by side; classifiers that wait for a generator follow it."""

    def __init__(self, jobs, waiting, settle, unsettled):
        self._jobs, self._waiting, self._settle, self._unsettled = jobs, waiting, settle, unsettled
        self._left = Counter((job.kind, job.name) for job in jobs)

    def run(self, workers):
        side_by_side(do, self._jobs, n=workers, title="train", unit="fit", then=self._then)

    def _then(self, job, error):
        """What may be done once a job is done, as jobs."""
        if error:
            messages.info(f"{job} failed: {job.kind}@{job.name} will say why")
            return []
        self._left[job.kind, job.name] -= 1
        if self._left[job.kind, job.name]:
            return []
        folder = _joined(job.kind, job.name)
        return self._followers(job.name, folder) if job.kind == "generate" else []

    def _followers(self, generator, folder):
        self._settle(generator, folder)
        self._unsettled.remove(generator)
        names = [name for name, of in self._waiting.items() if of == generator]
        jobs = [job for name in names if not _is_in_place("train", name) for job in _missing("train", name)]
        self._left |= Counter((job.kind, job.name) for job in jobs)
        return jobs


def _announce(new, jobs):
    kinds = {kind: sum(of == kind for of, _ in new) for kind in ("train", "generate", "denoise")}
    counted = [count(n, SECTIONS[kind][:-1]) for kind, n in kinds.items() if n]
    messages.info(f"{', '.join(counted)}: {count(len(jobs), 'fit')} on {count(n_folds(), 'fold')}")


def do(job):
    """Make the folder of a job complete, or not at all. Where it cannot run, it holds the reason."""
    if job.folder.is_dir():
        return
    part = fresh_folder(job.folder.with_name(f"{job.folder.name}.{os.getpid()}"))
    try:
        _module(job.kind).work(job, part)
    except NotRun as reason:
        write_json(fresh_folder(part) / NOT_RUN, {"reason": str(reason)})
    os.replace(part, job.folder)


def _remove_all_but(fingerprints):
    for folder in READY.glob("*"):
        if folder.name not in fingerprints:
            _remove(folder)


def _remove(folder):
    """Remove a folder; where this is interrupted, what is left is under a name that no result has."""
    removed = folder if folder.suffix == ".removed" else folder.rename(f"{folder}.removed")
    shutil.rmtree(removed)


def _jobs(kind, name):
    return [Job(kind, name, fold) for fold in _module(kind).folds(name)]


def _missing(kind, name):
    """The jobs of an entry whose result is neither in place nor ready."""
    return [] if _is_joined(kind, name) else [job for job in _jobs(kind, name) if not job.folder.is_dir()]


def _joined(kind, name):
    """The folder in which the outs of an entry lie, its folds joined; those that are missing are made."""
    folder = _folder(kind, name)
    if not _is_joined(kind, name):
        jobs = _jobs(kind, name)
        for job in jobs:
            do(job)
        part = fresh_folder(folder / f"{JOINED}.part")
        _module(kind).join(name, [job.folder for job in jobs], part)
        write_text(part / _module(kind).marked(name) / FINGERPRINT, f"{fingerprint_of(kind, name)}\n")
        shutil.rmtree(folder / JOINED, ignore_errors=True)  # a run was killed while its parts were moved
        os.replace(part, folder / JOINED)
    return folder / JOINED


def _is_in_place(kind, name):
    """Whether the result of an entry is where its stage writes it."""
    file = _module(kind).marked(name) / FINGERPRINT
    return file.is_file() and file.read_text(encoding="utf-8").strip() == fingerprint_of(kind, name)


def _is_joined(kind, name):
    return all((_folder(kind, name) / JOINED / path).exists() for path in _module(kind).outs(name))


def _folder(kind, name):
    return READY / fingerprint_of(kind, name)


@cache
def fingerprint_of(kind, name):
    """The fingerprint of an entry, for as long as one stage runs."""
    return _module(kind).fingerprint(name)


def _module(kind):
    return import_module(MODULES[kind])
