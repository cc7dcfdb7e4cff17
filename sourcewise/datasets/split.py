"""Which clips train, which validate, which test: whole sources only."""

from typing import Literal

import numpy as np
import pandas as pd
import scipy
from pydantic import Field, NonNegativeInt, field_validator, model_validator

from sourcewise.core import messages
from sourcewise.core.errors import Stop, named
from sourcewise.core.params import Section
from sourcewise.core.paths import DUPLICATES
from sourcewise.datasets.assign import assign
from sourcewise.datasets.manifest import SPLITS


class SplitParams(Section):
    """`split`: whether sources that share a recording are made one; shares of train, validation and test, or, with
    `fold`, one of `folds` grouped folds as the test set.

    Fold k is tested on, fold k + 1 (after the last comes the first) validates, the others train. method: source keeps
    the clips of each source together; given takes the corpus' own parts or folds, as its card reads them; random deals
    out clips one by one, and its scores are too good.
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
    """The manifest `clips` with one column more, `split`: the part that each clip is in. Stops where there is no such
    split. pairs: of clips that are one recording, None where p, SplitParams, merges none."""
    known = set(clips["source"])
    if p.merge_duplicates:
        clips = clips.assign(source=merged(clips["source"], clips["clip_id"], pairs))
        for name in sorted(name for name in clips["source"].unique() if name not in known):
            messages.info(f"one source, as they share recordings ({DUPLICATES}): {name}")
    table = clips.assign(split=METHODS[p.method](clips, task, p))
    for name in SPLITS:
        rows = table[table["split"] == name]
        messages.info(f"{name}: {len(rows)} clips of {rows['source'].nunique()} sources")
    if (table.groupby("source")["split"].nunique() > 1).any():
        messages.warn(f"with split.method {p.method!r} some sources are on two sides: see metrics/audit.json")
    return table


def merged(sources, clip_ids, pairs):
    """The sources with those made one that share a recording: array (n_clips,) of names, `a+b` for a and b."""
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
    """The names of the parts, one a clip; clips of one source stay together."""
    return _dealt(clips["source"].to_numpy(), task.targets(clips["labels"]), task, p)


def random_split(clips, task, p):
    """The same, each clip by itself: what most notebooks do, and what leaks."""
    return _dealt(clips["clip_id"].to_numpy(), task.targets(clips["labels"]), task, p)


def as_given(clips, task, p):
    """The corpus' own parts, or its numbered folds with `fold` as the place of the one that is tested on, from 0.

    Where it has no validation part, that is taken from train by source, in the ratio of their fractions.
    """
    given = clips["given"].to_numpy(str)
    if (given == "").any():
        raise Stop(
            f"method is 'given', but {np.sum(given == '')} of {len(clips)} clips are in no part (first: "
            f"{clips['path'][given == ''].iloc[0]!r}): set split, columns.split or lists in the card, or split.method"
        )
    if np.char.isdecimal(given).all():
        names = _of_folds(given.astype(int), p)
    elif np.char.isdecimal(given).any():
        raise Stop("the card gives some clips the number of a fold, others the name of a part: one of the two")
    else:
        names = _with_validation(given, clips, task, p)
    _refuse_unlearnable(names, task.targets(clips["labels"]), task)
    return names


METHODS = {"source": grouped_split, "given": as_given, "random": random_split}


def _dealt(groups, targets, task, p):
    n_parts = len(SPLITS) if p.fold is None else p.folds
    _refuse_few_sources(groups, targets, task, n_parts, p)
    if p.fold is None:
        part = assign(groups, targets, fractions=[p.fractions[name] for name in SPLITS], seed=p.seed)
        names = np.array(SPLITS)[part]
    else:
        names = _tested(assign(groups, targets, fractions=[1 / p.folds] * p.folds, seed=p.seed), p)
    _refuse_empty(names, targets, task)
    return names


def _tested(folds, p):
    """Numbers of folds, from 0, as the names of parts."""
    return np.array(SPLITS)[np.select([folds == p.fold, folds == (p.fold + 1) % p.folds], [2, 1], 0)]


def _of_folds(given, p):
    numbers, place = np.unique(given, return_inverse=True)
    if p.fold is None or len(numbers) != p.folds:
        raise Stop(
            f"the card gives {len(numbers)} folds ({', '.join(map(str, numbers))}): set split.folds to "
            f"{len(numbers)}, and split.fold to the place of the one to be tested on, from 0 to {len(numbers) - 1}"
        )
    messages.info(f"of the given folds, {numbers[p.fold]} tests and {numbers[(p.fold + 1) % p.folds]} validates")
    return _tested(place, p)


def _with_validation(given, clips, task, p):
    if p.fold is not None:
        raise Stop(f"fold is {p.fold}, but the card gives parts by name, not numbered folds: set it to null")
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
    """A class that another part lacks is left to the audit: the split is not ours to mend."""
    absent = [c for c, there in zip(task.classes, targets[names == "train"].any(axis=0), strict=True) if not there]
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
                f"class {name!r} has {n} source{'s' * (n != 1)}, needs {needed}, one for each part: "
                f"record more, leave the class out, or {cure}"
            )


def _refuse_empty(names, targets, task):
    for name in SPLITS:
        present = targets[names == name].any(axis=0)
        missing = [c for c, there in zip(task.classes, present, strict=True) if not there]
        if missing:
            raise Stop(
                f"no source of class {named(missing)} fell to {name}: "
                "try another split.seed, or record more sources of it"
            )
