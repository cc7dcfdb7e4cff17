"""Folders of recordings: label and source are read from the path of each file."""

import re
import signal
from contextlib import contextmanager

from pydantic import field_validator, model_validator

from sourcewise.core import messages
from sourcewise.core.errors import Stop, count
from sourcewise.core.formats import SUFFIXES
from sourcewise.core.params import Section
from sourcewise.datasets import dataset_file, resolver, tables
from sourcewise.datasets.dataset_file import Recording
from sourcewise.datasets.task import SEPARATOR

SEARCH_S = 2  # for one path: a pattern with nested repeats can take exponential time


class Rule(Section):
    """How a name is read from a path: a part of the path, then, optionally, its entry in a table.

    pattern: a regular expression, searched in the path relative to the dataset's folder; its first group is the
    part. Without a pattern the part is the name of the folder that the file lies in.
    table: from the part to the name; or file: a CSV of the dataset with a header, the part in its first column and
    the name in its second.
    """

    pattern: str | None = None
    table: dict[str, str] | None = None
    file: str | None = None

    def of(self, root):
        """The Rule with the table read from its file in the folder `root`."""
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
    """The value of a dataset file for a Rule; the word `parent` as the empty Rule."""
    if isinstance(rule, str) and rule != "parent":
        raise ValueError("must be `parent`, or hold a pattern, a table, or both")
    return {} if rule == "parent" else rule


class DatasetFile(dataset_file.DatasetFile):
    """`label` and `source`, and `split` where the dataset comes with one: the word `parent` (the folder that holds a
    file), or a Rule. only: a pattern; files whose paths do not match it are left out."""

    label: Rule
    source: Rule
    split: Rule | None = None
    only: str | None = None

    @field_validator("only")
    @classmethod
    def _is_a_pattern(cls, only):
        return only if only is None else Rule(pattern=f"({only})") and only

    @field_validator("label", "source", "split", mode="before")
    @classmethod
    def _parent_is_a_rule(cls, rule):
        return as_rule(rule)

    @property
    def gives_split(self):
        """As in the base."""
        return super().gives_split or self.split is not None


def read(root, keys, suffixes=SUFFIXES, noun="sound files"):
    """Every sound file below `root`, as Recordings. A file that a rule does not cover stops the run.

    suffixes, noun: of other files to be read instead, and what messages call them.
    """
    paths = resolver.reported(resolver.listing(root, suffixes), root, noun)
    paths = paths if keys.only is None else _matching(paths, keys.only)
    labels, sources = names(paths, keys.label.of(root), "label"), names(paths, keys.source.of(root), "source")
    given = [""] * len(paths) if keys.split is None else names(paths, keys.split.of(root), "split")
    return [Recording(*row) for row in zip(paths, labels, sources, given, strict=True)]


def _matching(paths, only):
    """The paths that match a pattern; how many do not is said."""
    kept = []
    with _search_limit(f"dataset file: only: pattern {only!r}") as restart:
        for path in paths:
            restart(path)
            kept += [path] if re.search(only, path) else []
    if len(kept) < len(paths):
        messages.info(f"left out {count(len(paths) - len(kept), 'file')} that `only` does not match")
    return kept


def names(paths, rule, key, noun="files"):
    """The name of each path under a rule; Stop with the paths that have none. noun: what messages call them."""
    names, faults = [], []
    with _search_limit(f"dataset file: {key}: pattern {rule.pattern!r}") as restart:
        for path in paths:
            restart(path)
            name = _name(path, rule)
            names.append(name)
            if not (name or "").strip() or SEPARATOR in name:
                faults.append(path)
    if faults:
        origin = f"pattern {rule.pattern!r}" if rule.pattern else "the folder's name"
        origin += f" and the table{f' {rule.file}' if rule.file else ''}" if rule.table is not None else ""
        raise Stop(
            f"dataset file: {key}: {origin} gives no usable name for {len(faults)} of {len(paths)} {noun} "
            f"(first: {', '.join(map(repr, faults[:10]))}): correct {key}, or rename these {noun}"
        )
    return names


def _name(path, rule):
    if rule.pattern is not None:
        match = re.search(rule.pattern, path)
        part = match.group(1) if match else None
    else:
        part = path.split("/")[-2] if "/" in path else None
    return part if rule.table is None else rule.table.get(part)


@contextmanager
def _search_limit(description):
    """A function to call with each path before it is searched; a search of more than SEARCH_S stops the run, where the
    system has interval timers."""
    searched = ""

    def restart(path):
        nonlocal searched
        searched = path
        signal.setitimer(signal.ITIMER_REAL, SEARCH_S)

    def stop(*_):
        raise Stop(f"{description} takes more than {SEARCH_S} s for {searched!r}: write it without nested repeats")

    if not hasattr(signal, "setitimer"):
        yield lambda path: None
        return
    before = signal.signal(signal.SIGALRM, stop)
    try:
        yield restart
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
