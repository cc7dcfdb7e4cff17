"""The split into train, validation and test: by whole sources."""

from typing import Literal

import numpy as np
import pandas as pd
import scipy
from pydantic import Field, NonNegativeInt, field_validator, model_validator

from sourcewise.core import messages
from sourcewise.core.errors import Stop, count, named
from sourcewise.core.params import Section
from sourcewise.core.paths import DUPLICATES
from sourcewise.datasets.assign import assign
from sourcewise.datasets.manifest import SPLITS


class SplitParams(Section):
    """`split`: whether sources that share a recording are merged; the fractions of train, validation and test, or, with
    `fold`, one of `folds` grouped folds as the test set.

    Fold k is the test set, fold k + 1 (after the last, the first) validation, the others train. method: source keeps
    the clips of each source together; given uses the dataset's own split, as its dataset file reads it; random assigns
    clips one by one, which leaks: its scores are too high.
    """

    method: Literal["source", "given", "random"]
    merge_duplicates: bool
    fractions: dict[str, float]
    folds: int = Field(ge=3)
    fold: NonNegativeInt | None
    seed: NonNegativeInt

    @field_validator("fractions")
    @classmethod
    def _share_all(cls, fractions):
        shares = fractions.values()
        if set(fractions) != set(SPLITS) or min(shares) <= 0 or abs(sum(shares) - 1) > 1e-6:
            raise ValueError(f"must name {', '.join(SPLITS)}, each above 0, 1 together")
        return fractions

    @model_validator(mode="after")
    def _fold_exists(self):
        if self.fold is not None and self.fold >= self.folds:
            raise ValueError(f"fold is {self.fold}, must be null, or lie from 0 to {self.folds - 1} (folds - 1)")
        return self


def split(clips, pairs, task, p):
    """The manifest `clips` with a column `split`, the part of each clip. Stops where no such split exists. pairs: of
    duplicate clips, None where p, SplitParams, merges none."""
    known = set(clips["source"])
    if p.merge_duplicates:
        clips = clips.assign(source=merged(clips["source"], clips["clip_id"], pairs))
        for name in sorted(name for name in clips["source"].unique() if name not in known):
            messages.info(f"sources merged, as they share recordings ({DUPLICATES}): {name}")
    table = clips.assign(split=METHODS[p.method](clips, task, p))
    for name in SPLITS:
        rows = table[table["split"] == name]
        messages.info(f"{name}: {len(rows)} clips of {rows['source'].nunique()} sources")
    if (table.groupby("source")["split"].nunique() > 1).any():
        messages.warn(f"with split.method {p.method!r} some sources are in several parts: see metrics/audit.json")
    return table


def merged(sources, clip_ids, pairs):
    """The sources, those that share a recording merged: array (n_clips,) of names, `a+b` for a and b."""
    sources = np.asarray(sources, dtype=str)
    names, source_of = np.unique(sources, return_inverse=True)
    source_of = pd.Series(source_of, index=clip_ids)
    ends = source_of[pairs["clip_id"]].to_numpy(), source_of[pairs["other"]].to_numpy()
    links = scipy.sparse.coo_array((np.ones(len(pairs)), ends), shape=(len(names), len(names)))
    _, group_of = scipy.sparse.csgraph.connected_components(links, directed=False)
    members = pd.Series(names).groupby(group_of).agg(_joined)
    return members[group_of[source_of]].to_numpy()


def _joined(names):
    return "+".join(names) if len(names) < 4 else f"{names.iloc[0]}+{len(names) - 1} others"


def grouped_split(clips, task, p):
    """The name of each clip's part; clips of one source stay together."""
    return _assigned(clips["source"].to_numpy(), task.targets(clips["labels"]), task, p)


def random_split(clips, task, p):
    """The same without regard to sources, which leaks."""
    return _assigned(clips["clip_id"].to_numpy(), task.targets(clips["labels"]), task, p)


def given_split(clips, task, p):
    """The dataset's own parts, or its numbered folds, of which the one at position `fold`, from 0, is the test set.

    A missing validation part is taken from train by source, in the ratio of their fractions.
    """
    given = clips["given"].to_numpy(str)
    if (given == "").any():
        raise Stop(
            f"method is 'given', but {np.sum(given == '')} of {len(clips)} clips are in no part (first: "
            f"{clips['path'][given == ''].iloc[0]!r}): set split, columns.split or lists in the dataset "
            "file, or another split.method"
        )
    if np.char.isdecimal(given).all():
        names = _of_folds(given.astype(int), p)
    elif np.char.isdecimal(given).any():
        raise Stop("the dataset file gives some clips the number of a fold, others the name of a part: use one of them")
    else:
        names = _with_validation(given, clips, task, p)
    _refuse_unlearnable(names, task.targets(clips["labels"]), task)
    return names


METHODS = {"source": grouped_split, "given": given_split, "random": random_split}


def _assigned(groups, targets, task, p):
    n_parts = len(SPLITS) if p.fold is None else p.folds
    _refuse_few_sources(groups, targets, task, n_parts, p)
    if p.fold is None:
        part = assign(groups, targets, fractions=[p.fractions[name] for name in SPLITS], seed=p.seed)
        names = np.array(SPLITS)[part]
    else:
        names = _parts_of(assign(groups, targets, fractions=[1 / p.folds] * p.folds, seed=p.seed), p)
    _refuse_empty(names, targets, task)
    return names


def _parts_of(folds, p):
    """The name of the part of each fold number, from 0."""
    return np.array(SPLITS)[np.select([folds == p.fold, folds == (p.fold + 1) % p.folds], [2, 1], 0)]


def _of_folds(given, p):
    numbers, position = np.unique(given, return_inverse=True)
    if p.fold is None or len(numbers) != p.folds:
        raise Stop(
            f"the dataset file gives {len(numbers)} folds ({', '.join(map(str, numbers))}): set split.folds to "
            f"{len(numbers)}, and split.fold to the position of the test fold, from 0 to {len(numbers) - 1}"
        )
    messages.info(f"of the given folds, {numbers[p.fold]} is test and {numbers[(p.fold + 1) % p.folds]} validation")
    return _parts_of(position, p)


def _with_validation(given, clips, task, p):
    if p.fold is not None:
        raise Stop(f"fold is {p.fold}, but the dataset file gives parts by name, not numbered folds: set it to null")
    missing = set(SPLITS) - set(given)
    if missing - {"validation"}:
        raise Stop(f"the given split has no {', '.join(sorted(missing))}, only {', '.join(sorted(set(given)))}")
    if not missing:
        return given
    messages.info("the given split has no validation: it is taken from train, by source")
    train = clips[given == "train"]
    shares = pd.Series(p.fractions)[["train", "validation"]]
    part = assign(train["source"], task.targets(train["labels"]), fractions=list(shares / shares.sum()), seed=p.seed)
    names = given.astype(object)
    names[given == "train"] = np.array(SPLITS)[part]
    return names


def _refuse_unlearnable(names, targets, task):
    """Only of train: a class that another part lacks is a finding of the audit, as the split is given."""
    absent = [c for c, present in zip(task.classes, targets[names == "train"].any(axis=0), strict=True) if not present]
    if absent:
        raise Stop(f"train has no clip of class {named(absent)}: the given split cannot be used")
    empty = [name for name in SPLITS if not (names == name).any()]
    if empty:
        raise Stop(f"no clip is in {', '.join(empty)}: the given split cannot be used")


def _refuse_few_sources(sources, targets, task, needed, p):
    cure = "merge it with another" if p.fold is None else "lower split.folds"
    for k, name in enumerate(task.classes):
        n = len(np.unique(sources[targets[:, k]]))
        if n < needed:
            raise Stop(
                f"class {name!r} has {count(n, 'source')}, needs {needed}, one for each part: "
                f"record more, leave the class out, or {cure}"
            )


def _refuse_empty(names, targets, task):
    for name in SPLITS:
        present = targets[names == name].any(axis=0)
        missing = [c for c, has_clip in zip(task.classes, present, strict=True) if not has_clip]
        if missing:
            raise Stop(
                f"no source of class {named(missing)} was assigned to {name}: "
                "try another split.seed, or record more sources of it"
            )
