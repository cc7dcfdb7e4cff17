"""Folders of recordings: label and source stand in the path of each file."""

import os
import re

from pydantic import field_validator

from stages.audio.decode import SUFFIXES
from stages.core import card
from stages.core.card import Recording
from stages.core.params import Section
from stages.core.stop import Stop
from stages.core.task import SEPARATOR


class Rule(Section):
    """How a name is read from a path: a part of the path, then, where there is one, a table.

    pattern: a regular expression, searched in the path relative to the dataset's folder; its first group is the
    part. Without a pattern the part is the name of the folder that the file lies in.
    table: from the part to the name.
    """

    pattern: str | None = None
    table: dict[str, str] | None = None

    @field_validator("pattern")
    @classmethod
    def _has_one_group(cls, pattern):
        try:
            groups = 1 if pattern is None else re.compile(pattern).groups
        except re.error as error:
            raise ValueError(f"is no regular expression: {error}") from None
        if groups != 1:
            raise ValueError(f"needs exactly one pair of round brackets that holds the name, has {groups}")
        return pattern


def as_rule(rule):
    """What a card holds for a Rule, with the word `parent` as the Rule that it stands for."""
    if isinstance(rule, str) and rule != "parent":
        raise ValueError("must be `parent`, or hold a pattern, a table, or both")
    return {} if rule == "parent" else rule


class Card(card.Card):
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


def read(root, card):
    """Every sound file below `root`, as Recordings. A file that a rule does not cover stops the run."""
    paths, others = files(root)
    if others:
        print(f"ingest: left out {len(others)} that are no sound files: {', '.join(others[:5])}", flush=True)
    labels, sources = names(paths, card.label, "label"), names(paths, card.source, "source")
    given = [""] * len(paths) if card.split is None else names(paths, card.split, "split")
    return [Recording(*row) for row in zip(paths, labels, sources, given, strict=True)]


def files(root):
    """The sound files below a folder and all others, each sorted, relative to it; links to folders are others."""
    sounds, others = [], []
    for folder, folders, names in os.walk(root):
        inner = [name for name in folders if not os.path.islink(os.path.join(folder, name))]
        for name in [*names, *(set(folders) - set(inner))]:
            path = os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/")
            is_sound = os.path.splitext(name)[1].lower() in SUFFIXES and not name.startswith(".")
            (sounds if is_sound else others).append(path)
        folders[:] = inner
    return sorted(sounds), sorted(others)


def names(paths, rule, key):
    """The name of each path under a rule; all paths that have none are named in one sentence."""
    names, faults = [], []
    for path in paths:
        name = _name(path, rule)
        names.append(name)
        if not name or SEPARATOR in name:
            faults.append(path)
    if faults:
        how = f"pattern {rule.pattern!r}" if rule.pattern else "the folder's name"
        how += " and the table" if rule.table is not None else ""
        raise Stop(
            f"card: {key}: {how} gives no usable name for {len(faults)} of {len(paths)} files "
            f"(first: {', '.join(map(repr, faults[:10]))}): mend the card's {key}, or move these files"
        )
    return names


def _name(path, rule):
    if rule.pattern is not None:
        found = re.search(rule.pattern, path)
        part = found.group(1) if found else None
    else:
        part = path.split("/")[-2] if "/" in path else None
    return part if rule.table is None else rule.table.get(part)
