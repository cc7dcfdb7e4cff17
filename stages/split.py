"""DVC stage `split`: train, validation and test; whole sources only."""

import numpy as np
import pandas as pd
from pydantic import Field, NonNegativeInt, field_validator, model_validator
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from stages.core import manifest, params
from stages.core.command import run
from stages.core.manifest import DUPLICATES, MANIFEST, SPLIT, SPLITS
from stages.core.params import Section
from stages.core.stop import Stop
from stages.core.task import Task
from stages.scoring.assign import assign


class SplitParams(Section):
    """`split`: whether sources that share a recording are made one; shares of train, validation and test, or, with
    `fold`, one of `folds` grouped folds as the test set.

    Fold k is tested on, fold k + 1 (after the last comes the first) validates, the others train.
    """

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


def main():
    """Assign every source to a part, and refuse what cannot be split so; the manifest with one column more."""
    p = params.load(SplitParams, "split")
    clips = manifest.read(MANIFEST)
    known = set(clips["source"])
    if p.merge_duplicates:
        clips["source"] = merged(clips["source"], clips["clip_id"], manifest.read(DUPLICATES))
        for name in sorted(name for name in clips["source"].unique() if name not in known):
            print(f"split: one source, as they share recordings ({DUPLICATES}): {name}")
    table = clips.assign(split=by_source(clips, Task.read(), p))
    manifest.write(table, SPLIT)
    for name in SPLITS:
        rows = table[table["split"] == name]
        print(f"split: {name}: {len(rows)} clips of {rows['source'].nunique()} sources")


def merged(sources, clip_ids, pairs):
    """The sources with those made one that share a recording: array (n_clips,) of names, `a+b` for a and b."""
    sources = np.asarray(sources, dtype=str)
    names, source_of = np.unique(sources, return_inverse=True)
    source_of = pd.Series(source_of, index=clip_ids)
    ends = source_of[pairs["clip_id"]].to_numpy(), source_of[pairs["other"]].to_numpy()
    links = coo_array((np.ones(len(pairs)), ends), shape=(len(names), len(names)))
    _, group_of = connected_components(links, directed=False)
    members = pd.Series(names).groupby(group_of).agg(_joined)
    return members[group_of[source_of]].to_numpy()


def _joined(names):
    return "+".join(names) if len(names) < 4 else f"{names.iloc[0]}+{len(names) - 1} others"


def by_source(clips, task, p):
    """The names of the parts, one a clip."""
    targets = task.targets(clips["labels"])
    sources = clips["source"].to_numpy()
    n_parts = len(SPLITS) if p.fold is None else p.folds
    _refuse_few_sources(sources, targets, task, n_parts, p)
    if p.fold is None:
        part = assign(sources, targets, fractions=[p.fractions[name] for name in SPLITS], seed=p.seed)
    else:
        folds = assign(sources, targets, fractions=[1 / p.folds] * p.folds, seed=p.seed)
        part = np.select([folds == p.fold, folds == (p.fold + 1) % p.folds], [2, 1], 0)
    names = np.array(SPLITS)[part]
    _refuse_empty(names, targets, task)
    return names


def _refuse_few_sources(sources, targets, task, needed, p):
    cure = "merge it with another" if p.fold is None else "lower split.folds"
    for k, name in enumerate(task.classes):
        n = len(np.unique(sources[targets[:, k]]))
        if n < needed:
            raise Stop(
                f"split: class {name!r} has {n} source{'s' * (n != 1)}, needs {needed}, one for each part: "
                f"record more, leave the class out, or {cure}"
            )


def _refuse_empty(names, targets, task):
    for name in SPLITS:
        present = targets[names == name].any(axis=0)
        missing = [c for c, there in zip(task.classes, present, strict=True) if not there]
        if missing:
            raise Stop(
                f"split: no source of class {', '.join(map(repr, missing))} fell to {name}: "
                "try another split.seed, or record more sources of it"
            )


if __name__ == "__main__":
    run(main)
