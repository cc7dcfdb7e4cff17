"""Which part of the names, or which column of a table, holds label, source and split: guesses from how values repeat.

A label has few values, each for many files. A source has several values within each label, each for several files. A
part that numbers the files from 0 or 1 is neither.
"""

import re
from typing import NamedTuple

import numpy as np
import pandas as pd

from sourcewise.datasets.dataset_file import PARTS

NEEDED = 3  # sources of a class, one for each part of the split
SOURCES = (
    *("speaker", "spk", "actor", "artist", "singer", "player", "subject", "patient", "person", "voice", "client"),
    *("user", "session", "song", "album", "track", "recordist", "device", "machine", "site", "station", "location"),
    *("individual", "animal", "src", "fsid", "freesound", "author", "recorder", "uploader", "participant", "reader"),
    *("narrator", "child", "source", "vehicle", "recording", "video", "place", "sprecher", "ort", "plats", "lieu"),
)
LABELS = (
    *("label", "category", "class", "tag", "genre", "emotion", "species", "event", "instrument", "word", "command"),
    *("digit", "diagnosis", "disease", "condition", "taxon", "scene", "mood", "fault", "state", "truth", "target"),
    *("annotation", "klasse", "classe", "clase", "art", "gender", "sex", "language", "dialect", "accent"),
)
#: What is measured or counted, and is neither label nor source unless nothing else may be.
MEASURES = (
    *("age", "year", "rating", "quality", "vote", "votes", "score", "latitude", "longitude", "lat", "lon", "salience"),
    *("confidence", "start", "end", "onset", "offset", "begin", "duration", "length", "seconds", "freq", "frequency"),
    *("hz", "rate", "size", "channel", "channels", "samplerate", "sr", "take", "index", "count", "licence", "license"),
)
SPLITS = ("fold", "split", "subset", "partition", "part", "set")
_PERSONS = "speaker|spk|actor|singer|subject|patient|participant|client|user|session"
_OF_A_SOURCE = re.compile(rf"(?:{'|'.join(SOURCES)})s?[ _.-]?\d+|(?:{_PERSONS})[ _.-]\w+", re.IGNORECASE)


class Part(NamedTuple):
    """The values that one rule reads from all files.

    rule: as in a dataset file, `parent` or a pattern, or a column; kind: folder, name or column; values: sorted; codes:
    the index of each file's value, (n_files,); ends: whether the file's name ends with it.
    """

    rule: str
    kind: str
    values: np.ndarray
    codes: np.ndarray
    ends: bool = False

    @classmethod
    def of(cls, rule, kind, names, ends=False):
        """From the value of each file."""
        codes, values = pd.factorize(np.asarray(names, object), sort=True)
        return cls(rule, kind, values, codes, ends)

    @property
    def n(self):
        """The number of values."""
        return len(self.values)

    @property
    def files(self):
        """The number of files with each value, (n,)."""
        return np.bincount(self.codes, minlength=self.n)

    def of_rows(self):
        """The value of each file, (n_files,)."""
        return self.values[self.codes]

    def is_numbers(self):
        """Whether all values are whole numbers."""
        return all(map(str.isdecimal, self.values))

    def numbers_files(self):
        """Whether it numbers files from 0 or 1, almost without gaps, at the end of their names."""
        if not self.ends or not self.is_numbers():
            return False
        numbers = self.values.astype(int)
        return numbers.min() <= 1 and numbers.max() <= 1.2 * self.n + 1

    def rank(self, words):
        """The index in `words` of the first that the column's name holds; None if it holds none, or is not a column."""
        pieces = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", self.rule).lower())
        pieces = {*pieces, "".join(pieces)}
        ranks = [k for k, word in enumerate(words) if not pieces.isdisjoint({word, f"{word}s"})]
        return ranks[0] if self.kind == "column" and ranks else None

    def is_split(self):
        """Whether its values are the parts or folds of a published split."""
        if self.n < 2 or (self.kind == "column" and self.rank(SPLITS) is None):
            return False
        known = all(value.strip().lower() in PARTS for value in self.values)
        known |= self.kind == "folder" and all(map(part_of, self.values))
        return known or self.is_folds() or (self.kind == "column" and self.is_numbers() and self.n <= 20)

    def is_folds(self):
        """Whether its values are fold1, fold2 and so on."""
        return all(re.fullmatch(r"(?:fold|split)[ _-]?\d+", value.lower()) for value in self.values)

    def is_measure(self):
        """Whether it is a column that measures or counts something, by its name or as it has decimals."""
        if self.kind != "column" or self.rank(SOURCES) is not None:
            return False
        decimals = [re.fullmatch(r"-?\d+[.,]\d+", value.strip()) is not None for value in self.values]
        return self.rank(MEASURES) is not None or (len(decimals) > 0 and np.mean(decimals) > 0.5)

    def is_named_source(self):
        """Whether its values, such as Actor_12, or its column's name name a source."""
        return self.rank(SOURCES) is not None or all(map(_OF_A_SOURCE.match, self.values))


def part_of(value):
    """The part of a split that a folder such as train-clean-100 or nsynth-valid names; None where it names none."""
    named = {PARTS[word] for word in re.findall("[a-z]+", value.lower()) if word in PARTS}
    return named.pop() if len(named) == 1 else None


def torn(part, source):
    """How many values of a part occur with several values of `source`."""
    pairs = np.unique(np.stack([part.codes, source.codes]), axis=1)
    return int(np.sum(np.bincount(pairs[0], minlength=part.n) > 1))


def distinct(parts):
    """Of parts that group the files alike, the first, or one with names, not numbers; none with a single value."""
    first = {}
    for part in parts:
        key = _grouping(part.codes)
        if part.n > 1 and (key not in first or (part.kind == "column" and _better(part, first[key]))):
            first[key] = part
    return list(first.values())


def labels(parts):
    """The parts that may be the label."""
    return [part for part in parts if _may_be_label(part)]


def label(parts):
    """The part that holds the classes, or None.

    A column whose name says so; else a folder: the uppermost, unless one further down does not merely subdivide it and
    has no more values; else the first part of the files' names, or the part that it merely subdivides.
    """
    fit = labels(parts)
    named = [part for part in fit if part.rank(LABELS) is not None]
    if named:
        return min(named, key=lambda part: (part.rank(LABELS), part.rule.lower() not in LABELS))
    folders = [part for part in fit if part.kind == "folder"]
    if not folders:
        fit = sorted(fit, key=_unlike_words)
        return next((part for part in fit[1:] if _divides(fit[0], part)), fit[0]) if fit else None
    best = folders[-1]
    for above in reversed(folders[:-1]):
        if _divides(best, above) or above.n < best.n or (best.is_numbers() and not above.is_numbers()):
            best = above
    return best


def _unlike_words(part):
    """A key that is lower for columns of words than for those of codes, of numbers, and of measures."""
    if part.kind != "column":
        return (False, False, False)
    with_digit = np.mean([re.search(r"\d", value) is not None for value in part.values]) > 0.5
    return (part.is_measure(), part.is_numbers(), bool(with_digit))


def sources(parts, label):
    """The parts that may be the source, the likeliest first: named as one, folders, names, numbers."""
    fit = [part for part in parts if part is not label and _may_be_source(part, label)]
    return sorted(fit, key=unlikely)


def split(parts):
    """The part that holds a published split, or None."""
    return next((part for part in parts if part.is_split()), None)


def within(part, label):
    """The number of values that a part has within each class, (n_classes,)."""
    pairs = np.unique(np.stack([label.codes, part.codes]), axis=1)
    return np.bincount(pairs[0], minlength=label.n)


def _grouping(codes):
    """Bytes that are equal for parts that group the files alike."""
    return pd.factorize(codes)[0].tobytes()


def _better(part, other):
    """Whether to prefer the first of two columns that group alike, for its column's name or for not being numbers."""
    ranks = [len(LABELS) if p.rank(LABELS) is None else p.rank(LABELS) for p in (part, other)]
    known = [
        rank < len(LABELS) or p.rank(SOURCES) is not None or p.is_split()
        for rank, p in zip(ranks, (part, other), strict=True)
    ]
    return (known[0], -ranks[0], not part.is_numbers()) > (known[1], -ranks[1], not other.is_numbers())


def _may_be_label(part):
    several = part.n >= 2 and np.median(part.files) >= 2
    several |= part.n >= 2 and part.rank(LABELS) is not None  # with several labels, all sets may differ
    return several and not (part.is_named_source() or part.is_split() or part.numbers_files())


def finer(parts, label):
    """The parts of names that may be the source, but most of whose values have one file."""
    few = [part for part in parts if part.kind == "name" and part.n < len(part.codes) < 2 * part.n]
    return [part for part in few if part is not label and _groups(part, label)]


def _may_be_source(part, label):
    return len(part.codes) >= 2 * part.n and _groups(part, label)


def _groups(part, label):
    several = np.median(within(part, label)) >= 2
    wrong = part.kind == "folder" and not set(part.values).isdisjoint(label.values)  # folders nested twice
    wrong |= part.is_split() or part.numbers_files() or part.rank(LABELS) is not None or part.is_measure()
    return several and not wrong


def _divides(part, above):
    """Whether each value of `part` occurs with a single value of `above`."""
    pairs = np.unique(np.stack([part.codes, above.codes]), axis=1)
    return pairs.shape[1] == part.n


def unlikely(part):
    """A key that is the lower, the likelier a part is the source; of equals the first in the names is taken."""
    lettered = np.mean([len(re.findall(r"[^\W\d_]", value)) > 1 for value in part.values]) > 0.5
    return (not part.is_named_source(), part.kind != "folder", not lettered)
