"""Folders of recordings: label and source stand in the path of each file."""

import os
import re
import signal
from contextlib import contextmanager

from pydantic import field_validator, model_validator

from sourcewise.audio.decode import SUFFIXES
from sourcewise.core import messages
from sourcewise.core.errors import Stop
from sourcewise.core.params import Section
from sourcewise.datasets import dataset_file, tables
from sourcewise.datasets.dataset_file import Recording
from sourcewise.datasets.task import SEPARATOR

SEARCH_S = 2  # in one path: a pattern with repeats in repeats may try more ways than it can in a lifetime


class Rule(Section):
    """How a name is read from a path: a part of the path, then, where there is one, a table.

    pattern: a regular expression, searched in the path relative to the dataset's folder; its first group is the
    part. Without a pattern the part is the name of the folder that the file lies in.
    table: from the part to the name; or file: a CSV of the dataset that holds it, the part in its first column, the
    name in its second, below a line that names these.
    """

    pattern: str | None = None
    table: dict[str, str] | None = None
    file: str | None = None

    def of(self, root):
        """The Rule with the table of its file, which lies in the folder `root`."""
        if self.file is None:
            return self
        return self.model_copy(update={"table": tables.pairs(tables.inside(root, self.file))})

    @model_validator(mode="after")
    def _has_one_table(self):
        if self.table is not None and self.file is not None:
            raise ValueError("set either table or file")
        return self

    @field_validator("pattern")
    @classmethod
    def _has_one_group(cls, pattern):
        try:
            groups = 1 if pattern is None else re.compile(pattern).groups
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"is no regular expression: {error}") from None
        if groups != 1:
            raise ValueError(f"needs exactly one pair of round brackets that holds the name, has {groups}")
        return pattern


def as_rule(rule):
    """What a card holds for a Rule, with the word `parent` as the Rule that it stands for."""
    if isinstance(rule, str) and rule != "parent":
        raise ValueError("must be `parent`, or hold a pattern, a table, or both")
    return {} if rule == "parent" else rule


class DatasetFile(dataset_file.DatasetFile):
    """`label` and `source`, and `split` where the corpus comes with one: the word `parent` (the folder that a file lies
    in), or a Rule."""

    label: Rule
    source: Rule
    split: Rule | None = None

    @field_validator("label", "source", "split", mode="before")
    @classmethod
    def _parent_is_a_rule(cls, rule):
        return as_rule(rule)

    @property
    def gives_split(self):
        """As in the base."""
        return super().gives_split or self.split is not None


def read(root, card, suffixes=SUFFIXES, what="sound files"):
    """Every sound file below `root`, as Recordings. A file that a rule does not cover stops the run.

    suffixes, what: of the files that are taken instead, and what they are.
    """
    paths, others = files(root, suffixes)
    if others:
        messages.info(f"left out {len(others)} that are no {what}: {', '.join(others[:5])}")
    labels, sources = names(paths, card.label.of(root), "label"), names(paths, card.source.of(root), "source")
    given = [""] * len(paths) if card.split is None else names(paths, card.split.of(root), "split")
    return [Recording(*row) for row in zip(paths, labels, sources, given, strict=True)]


def files(root, suffixes=SUFFIXES):
    """The files below a folder whose names end so, and all else, linked folders among it; sorted, relative to it."""
    sounds, others = [], []
    for folder, folders, names in os.walk(root):
        inner = [name for name in folders if not os.path.islink(os.path.join(folder, name))]
        for name in [*names, *(set(folders) - set(inner))]:
            path = os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/")
            is_sound = os.path.splitext(name)[1].lower() in suffixes and not name.startswith(".")
            (sounds if is_sound else others).append(path)
        folders[:] = inner
    return sorted(sounds), sorted(others)


def names(paths, rule, key, what="files"):
    """The name of each path under a rule; all paths that have none are named in one sentence."""
    names, faults = [], []
    with _each_in_time(f"dataset file: {key}: pattern {rule.pattern!r}") as begin:
        for path in paths:
            begin(path)
            name = _name(path, rule)
            names.append(name)
            if not (name or "").strip() or SEPARATOR in name:
                faults.append(path)
    if faults:
        how = f"pattern {rule.pattern!r}" if rule.pattern else "the folder's name"
        how += f" and the table{f' {rule.file}' if rule.file else ''}" if rule.table is not None else ""
        raise Stop(
            f"dataset file: {key}: {how} gives no usable name for {len(faults)} of {len(paths)} {what} "
            f"(first: {', '.join(map(repr, faults[:10]))}): mend the card's {key}, or move these {what}"
        )
    return names


def _name(path, rule):
    if rule.pattern is not None:
        found = re.search(rule.pattern, path)
        part = found.group(1) if found else None
    else:
        part = path.split("/")[-2] if "/" in path else None
    return part if rule.table is None else rule.table.get(part)


@contextmanager
def _each_in_time(what):
    """A function that is told each path before the search in it, which is stopped after SEARCH_S, where the system has
    such a clock."""
    searched = ""

    def begin(path):
        nonlocal searched
        searched = path
        signal.setitimer(signal.ITIMER_REAL, SEARCH_S)

    def stop(*_):
        raise Stop(f"{what} takes more than {SEARCH_S} s for {searched!r}: write it without repeats within repeats")

    if not hasattr(signal, "setitimer"):
        yield lambda path: None
        return
    before = signal.signal(signal.SIGALRM, stop)
    try:
        yield begin
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
