"""Rolls of events: beside each recording an array that says which class (a row) is heard in which frame (a column).

The recordings may themselves be log-mel arrays, as in [R4]: then only what reads `mel` and `mfcc` can be trained.
"""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, PositiveFloat, field_validator, model_validator

from sourcewise.audio.decode import SUFFIXES, Unreadable
from sourcewise.core.errors import Stop
from sourcewise.datasets import annotations, dataset_file, tables
from sourcewise.datasets.dataset_file import Recording
from sourcewise.datasets.readers import folder
from sourcewise.datasets.readers.folder import Rule
from sourcewise.datasets.task import SEPARATOR
from sourcewise.storage.files import npy

DECIBELS = {"dB": 1.0, "ln": 10 / np.log(10), "log10": 10.0}  # in one unit


class DatasetFile(dataset_file.DatasetFile):
    """rolls: the .npy of each recording, with `{stem}` for its path below `sounds` without the suffix, or `{name}` for
    the last part of that; (n_classes, n_frames), any number of axes of length 1 in front.

    classes: the names of the rows. frame_rate: columns a second. present: from which value on a class is heard in a
    frame. sounds: the folder with the recordings. source, split: as in `folder`. drop: classes that are left out.

    mel: where the recordings are log-mel arrays, .npy (n_mels, n_frames), frame_rate frames a second: what their
    numbers are, decibels, or the natural or decimal logarithm of power.
    """

    rolls: str
    classes: Annotated[list[str], Field(min_length=1)]
    frame_rate: PositiveFloat
    present: PositiveFloat = 0.5
    sounds: str = "."
    source: Rule
    split: Rule | None = None
    drop: list[str] = Field(default_factory=list)
    mel: Literal["dB", "ln", "log10"] | None = None

    @field_validator("source", "split", mode="before")
    @classmethod
    def _parent_is_a_rule(cls, rule):
        return folder.as_rule(rule)

    @field_validator("rolls")
    @classmethod
    def _is_one_each(cls, rolls):
        if not annotations.one_each(rolls) or not rolls.endswith(".npy"):
            raise ValueError("must hold {stem} or {name}, and end in .npy")
        return rolls

    @model_validator(mode="after")
    def _names_classes(self):
        wrong = [name for name in self.classes if not name or SEPARATOR in name or self.classes.count(name) > 1]
        if wrong:
            raise ValueError(f"classes: {wrong[0]!r} is empty, stands there twice, or holds {SEPARATOR}")
        if set(self.drop) - set(self.classes):
            raise ValueError(f"drop: there are classes {', '.join(self.classes)}")
        return self

    @property
    def modality(self):
        """As in the base."""
        return "sound" if self.mel is None else "mel"

    @property
    def gives_split(self):
        """As in the base."""
        return super().gives_split or self.split is not None


def read(root, card):
    """Every sound file, or array, below `sounds` with the events of its roll; its labels are theirs."""
    paths = annotations.recordings(root, card.sounds, SUFFIXES if card.mel is None else {".npy"})
    rolls = {path: annotations.name(card.rolls, path, card.sounds) for path in paths}
    missing = [path for path in paths if not (root / rolls[path]).is_file()]
    if missing:
        first = f"{missing[0]!r}: no {rolls[missing[0]]!r}"
        raise Stop(
            f"dataset file: rolls: {len(missing)} of {len(paths)} recordings have none (first: {first}): mend the card"
        )
    events = [_events(_roll(root, rolls[path], card), card) for path in paths]
    labels = [SEPARATOR.join(sorted({label for _, _, label in heard})) for heard in events]
    sources = folder.names(paths, card.source.of(root), "source")
    given = [""] * len(paths) if card.split is None else folder.names(paths, card.split.of(root), "split")
    return [Recording(*row) for row in zip(paths, labels, sources, given, events, strict=True)]


def frames(path, card):
    """A log-mel array in decibels, float32 (n_frames, n_mels). Raises Unreadable."""
    try:
        mel = _flat(npy(path))
    except ValueError as error:
        raise Unreadable(str(error)) from None
    if mel.ndim != 2 or not mel.size or mel.dtype.kind not in "iuf":
        raise Unreadable(f"is an array {mel.shape} of {mel.dtype}, not of numbers (n_mels, n_frames)")
    if not np.isfinite(mel).all():
        raise Unreadable("holds NaN or infinity")
    if mel.min() == mel.max():
        raise Unreadable("is silent")
    return np.ascontiguousarray(mel.T * DECIBELS[card.mel], np.float32)


def _flat(array):
    """Without the axes of length 1 that stand in front of the last two."""
    while array.ndim > 2 and len(array) == 1:
        array = array[0]
    return array


def _roll(root, name, card):
    """A roll as (n_classes, n_frames)."""
    file = tables.inside(root, name, key="rolls")
    try:
        roll = _flat(npy(file))
    except ValueError as error:
        raise Stop(f"{file} {error}") from None
    if roll.ndim != 2 or len(roll) != len(card.classes) or roll.dtype.kind not in "biuf":
        wanted = f"({len(card.classes)}, frames): the card names {len(card.classes)} classes"
        raise Stop(f"{file} is an array {roll.shape} of {roll.dtype}, not of numbers {wanted}")
    if not np.isfinite(roll).all():
        raise Stop(f"{file} holds NaN or infinity")
    return roll


def _events(roll, card):
    """Where each class is heard without a break, as (onset in s, offset in s, class), in order."""
    heard = np.pad(roll >= card.present, ((0, 0), (1, 1)))
    row, onset = np.nonzero(heard[:, 1:] & ~heard[:, :-1])
    _, offset = np.nonzero(heard[:, :-1] & ~heard[:, 1:])
    times = zip(onset / card.frame_rate, offset / card.frame_rate, [card.classes[k] for k in row], strict=True)
    return tuple(sorted((float(on), float(off), name) for on, off, name in times if name not in card.drop))
