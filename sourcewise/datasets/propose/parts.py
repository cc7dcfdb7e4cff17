"""Which part of the names, or which column of a table, tells label, source and split: guesses from how values repeat.

A label takes few values, each for many files. A source takes several values within each label, each for several
files. What counts files from 0 or 1 is neither.
"""

import re
from typing import NamedTuple

import numpy as np
import pandas as pd

from sourcewise.datasets.dataset_file import PARTS

MOST_CLASSES = 200
NEEDED = 3  # sources of a class, one for each part of the split
SOURCES = (
    *("speaker", "spk", "actor", "artist", "singer", "player", "subject", "patient", "person", "voice", "client"),
    *("user", "session", "song", "album", "track", "recordist", "device", "machine", "site", "station", "location"),
    *("individual", "animal", "src", "fsid", "freesound"),
)
LABELS = (
    *("label", "category", "class", "tag", "genre", "emotion", "species", "gender", "sex", "event", "instrument"),
    *("word", "command", "digit", "language", "target"),
)
SPLITS = ("fold", "split", "subset", "partition", "part", "set")
_OF_A_SOURCE = re.compile(rf"(?:{'|'.join(SOURCES)})s?[ _.-]?\d+", re.IGNORECASE)


class Part(NamedTuple):
    """What one rule reads of every file.

    rule: as the card has it, `parent` or a pattern, or a column; kind: folder, name or column; values: the names,
    sorted; codes: which of them each file has, (n_files,); ends: whether nothing of the name follows it.
    """

    rule: str
    kind: str
    values: np.ndarray
    codes: np.ndarray
    ends: bool = False

    @classmethod
    def of(cls, rule, kind, names, ends=False):
        """From the name that each file has."""
        codes, values = pd.factorize(np.asarray(names, object), sort=True)
        return cls(rule, kind, values, codes, ends)

    @property
    def n(self):
        """How many names."""
        return len(self.values)

    @property
    def files(self):
        """Of each name, how many files."""
        return np.bincount(self.codes, minlength=self.n)

    def is_numbers(self):
        """Whether all names are whole numbers."""
        return all(map(str.isdecimal, self.values))

    def counts(self):
        """Whether it numbers files from 0 or 1, nearly without a hole, at the end of their names."""
        if not self.ends or not self.is_numbers():
            return False
        numbers = self.values.astype(int)
        return numbers.min() <= 1 and numbers.max() <= 1.2 * self.n + 1

    def says(self, words):
        """The place among `words` of the first that a column's name holds; None if it holds none, or is no column."""
        pieces = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", self.rule).lower())
        pieces = {*pieces, "".join(pieces)}
        found = [k for k, word in enumerate(words) if not pieces.isdisjoint({word, f"{word}s"})]
        return found[0] if self.kind == "column" and found else None

    def is_split(self):
        """Whether it names the parts or the folds that a corpus comes with."""
        if self.n < 2 or (self.kind == "column" and self.says(SPLITS) is None):
            return False
        known = all(value.strip().lower() in PARTS for value in self.values)
        return known or self.is_folds() or (self.kind == "column" and self.is_numbers() and self.n <= 20)

    def is_folds(self):
        """Whether its names are fold1, fold2 and so on."""
        return all(re.fullmatch(r"(?:fold|split)[ _-]?\d+", value.lower()) for value in self.values)

    def is_worded(self):
        """Whether it says itself that it is a source, as in Actor_12, or by its column's name."""
        return self.says(SOURCES) is not None or all(map(_OF_A_SOURCE.match, self.values))


def distinct(parts):
    """Of parts that put the same files together, the first one, but names rather than numbers; none with one value."""
    found = {}
    for part in parts:
        key = _grouping(part.codes)
        if part.n > 1 and (key not in found or (part.kind == "column" and _better(part, found[key]))):
            found[key] = part
    return list(found.values())


def labels(parts):
    """The parts that may be the label."""
    return [part for part in parts if _may_be_label(part)]


def label(parts):
    """The part that tells the classes, or None.

    A column that says so; else a folder: the uppermost, unless one further down is not merely a division of it and
    has no more names; else what stands first in the files' names, or what that merely divides.
    """
    fit = labels(parts)
    called = [part for part in fit if part.says(LABELS) is not None]
    if called:
        return min(called, key=lambda part: part.says(LABELS))
    folders = [part for part in fit if part.kind == "folder"]
    if not folders:
        return next((part for part in fit[1:] if _divides(fit[0], part)), fit[0]) if fit else None
    best = folders[-1]
    for above in reversed(folders[:-1]):
        if _divides(best, above) or above.n < best.n or (best.is_numbers() and not above.is_numbers()):
            best = above
    return best


def sources(parts, label):
    """The parts that may be the source, the likeliest first: what calls itself one, folders, names, numbers."""
    fit = [part for part in parts if part is not label and _may_be_source(part, label)]
    return sorted(fit, key=_unlikely)


def split(parts):
    """The part that names the corpus' own parts or folds, or None."""
    return next((part for part in parts if part.is_split()), None)


def within(part, label):
    """How many names a part has within each class, (n_classes,)."""
    pairs = np.unique(np.stack([label.codes, part.codes]), axis=1)
    return np.bincount(pairs[0], minlength=label.n)


def _grouping(codes):
    """The same bytes for parts that put the same files together."""
    return pd.factorize(codes)[0].tobytes()


def _better(part, other):
    """Of two columns that say the same, the one with names, or whose own name is known."""
    known = [p.says(LABELS) is not None or p.says(SOURCES) is not None or p.is_split() for p in (part, other)]
    return (known[0], not part.is_numbers()) > (known[1], not other.is_numbers())


def _may_be_label(part):
    several = 2 <= part.n <= MOST_CLASSES and np.median(part.files) >= 2
    several |= part.n >= 2 and part.says(LABELS) is not None  # of several labels, the sets may all differ
    return several and not (part.is_worded() or part.is_split() or part.counts())


def _may_be_source(part, label):
    several = np.median(within(part, label)) >= 2 and len(part.codes) >= 2 * part.n
    return several and not (part.is_split() or part.counts() or part.says(LABELS) is not None)


def _divides(part, above):
    """Whether each name of `part` has but one of `above`."""
    pairs = np.unique(np.stack([part.codes, above.codes]), axis=1)
    return pairs.shape[1] == part.n


def _unlikely(part):
    lettered = np.mean([len(re.findall(r"[^\W\d_]", value)) > 1 for value in part.values]) > 0.5
    return (not part.is_worded(), part.kind != "folder", not lettered)
