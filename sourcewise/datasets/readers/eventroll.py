"""Event rolls: for each recording an array of which class (row) is active in which frame (column).

The recordings may themselves be log-mel arrays, as in [R4]; then only entries with the features `mel` or `mfcc` run.
"""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, PositiveFloat, field_validator, model_validator

from sourcewise.audio.decode import Unreadable
from sourcewise.core.errors import Stop
from sourcewise.core.formats import SUFFIXES
from sourcewise.datasets import annotations, dataset_file, tables
from sourcewise.datasets.dataset_file import Recording
from sourcewise.datasets.readers import folder
from sourcewise.datasets.readers.folder import Rule
from sourcewise.datasets.task import SEPARATOR
from sourcewise.storage.files import npy

DECIBELS = {"dB": 1.0, "ln": 10 / np.log(10), "log10": 10.0}  # per unit


class DatasetFile(dataset_file.DatasetFile):
    """rolls: the .npy of each recording, with `{stem}` for its path below `sounds` without the suffix, or `{name}` for
    the last part of that; (n_classes, n_frames), any number of axes of length 1 in front.

    classes: the names of the rows. frame_rate: columns per second. present: the value from which on a class is active
    in a frame. sounds: the folder with the recordings. source, split: as in `folder`. drop: classes that are left out.

    mel: where the recordings are log-mel arrays, .npy (n_mels, n_frames), frame_rate frames per second: the unit of
    their values, decibels, or the natural or decimal logarithm of power.
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
    def _is_per_recording(cls, rolls):
        if not annotations.per_recording(rolls) or not rolls.endswith(".npy"):
            raise ValueError("must hold {stem} or {name}, and end in .npy")
        return rolls

    @model_validator(mode="after")
    def _names_classes(self):
        wrong = [name for name in self.classes if not name or SEPARATOR in name or self.classes.count(name) > 1]
        if wrong:
            raise ValueError(f"classes: {wrong[0]!r} is empty, is listed twice, or holds {SEPARATOR}")
        if set(self.drop) - set(self.classes):
            raise ValueError(f"drop may only name classes: {', '.join(self.classes)}")
        return self

    @property
    def modality(self):
        """As in the base."""
        return "sound" if self.mel is None else "mel"

    @property
    def gives_split(self):
        """As in the base."""
        return super().gives_split or self.split is not None


def read(root, keys):
    """Every sound file, or array, below `sounds` with the events of its roll; its labels are those of the events."""
    paths = annotations.recordings(root, keys.sounds, SUFFIXES if keys.mel is None else {".npy"})
    rolls = {path: annotations.name(keys.rolls, path, keys.sounds) for path in paths}
    missing = [path for path in paths if not (root / rolls[path]).is_file()]
    if missing:
        first = f"{missing[0]!r}: no {rolls[missing[0]]!r}"
        raise Stop(
            f"dataset file: rolls: {len(missing)} of {len(paths)} recordings have none (first: {first}): correct rolls"
        )
    events = [_events(_roll(root, rolls[path], keys), keys) for path in paths]
    labels = [SEPARATOR.join(sorted({label for _, _, label in active})) for active in events]
    sources = folder.names(paths, keys.source.of(root), "source")
    given = [""] * len(paths) if keys.split is None else folder.names(paths, keys.split.of(root), "split")
    return [Recording(*row) for row in zip(paths, labels, sources, given, events, strict=True)]


def frames(path, keys):
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
    return np.ascontiguousarray(mel.T * DECIBELS[keys.mel], np.float32)


def _flat(array):
    """Without axes of length 1 in front of the last two."""
    while array.ndim > 2 and len(array) == 1:
        array = array[0]
    return array


def _roll(root, name, keys):
    """A roll as (n_classes, n_frames)."""
    file = tables.inside(root, name, key="rolls")
    try:
        roll = _flat(npy(file))
    except ValueError as error:
        raise Stop(f"{file} {error}") from None
    if roll.ndim != 2 or len(roll) != len(keys.classes) or roll.dtype.kind not in "biuf":
        expected = f"({len(keys.classes)}, frames): the dataset file names {len(keys.classes)} classes"
        raise Stop(f"{file} is an array {roll.shape} of {roll.dtype}, not of numbers {expected}")
    if not np.isfinite(roll).all():
        raise Stop(f"{file} holds NaN or infinity")
    return roll


def _events(roll, keys):
    """Each unbroken run of active frames as (onset in s, offset in s, class), sorted."""
    active = np.pad(roll >= keys.present, ((0, 0), (1, 1)))
    row, onset = np.nonzero(active[:, 1:] & ~active[:, :-1])
    _, offset = np.nonzero(active[:, :-1] & ~active[:, 1:])
    times = zip(onset / keys.frame_rate, offset / keys.frame_rate, [keys.classes[k] for k in row], strict=True)
    return tuple(sorted((float(on), float(off), name) for on, off, name in times if name not in keys.drop))
