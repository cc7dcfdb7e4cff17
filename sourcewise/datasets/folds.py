"""The split: a list of folds, each with the clips that train, validate and test.

data/split.csv holds the manifest and a column `fold_<k>` for each fold: the part of each clip in it. A hold-out split
has one fold; in a cross-validation each clip is tested in one fold and validates in another.
"""

from typing import NamedTuple

import numpy as np

from sourcewise.core.paths import COPIES, SPLIT
from sourcewise.datasets import manifest

COLUMN = "fold_{}"


def n_folds():
    """The number of folds in data/split.csv."""
    with open(SPLIT, encoding="utf-8") as file:
        return sum(name.startswith("fold_") for name in file.readline().rstrip("\n").split(","))


class Split(NamedTuple):
    """clips: rows as in the manifest, with the sources that were merged; parts: the part of each clip in each fold,
    (n_clips, n_folds) of names, empty where a clip is in none."""

    clips: object
    parts: np.ndarray

    @classmethod
    def read(cls):
        """Of the clips in data/split.csv."""
        table = manifest.read(SPLIT)
        columns = [name for name in table if name not in manifest.COLUMNS]
        return cls(table.drop(columns=columns), table[columns].to_numpy(str))

    @classmethod
    def with_copies(cls):
        """Of these, and behind them the augmented copies, as in `clips.table`: a copy trains where its origin does."""
        import pandas as pd

        clips, parts = cls.read()
        copies = manifest.read(COPIES)
        of_origins = parts[pd.Index(clips["clip_id"]).get_indexer(copies["origin"])]
        parts = np.concatenate([parts, np.where(of_origins == "train", "train", "")])
        return cls(pd.concat([clips, copies], ignore_index=True), parts)

    def write(self):
        """Store it as data/split.csv."""
        columns = {COLUMN.format(fold): self.parts[:, fold] for fold in self.folds}
        manifest.write(self.clips.assign(**columns), SPLIT)

    @property
    def folds(self):
        """The numbers of the folds, from 0."""
        return range(self.parts.shape[1])

    def of_fold(self, fold):
        """The clips with a column `split`, the part of each in this fold."""
        return self.clips.assign(split=self.parts[:, fold])

    def rows(self, fold, part):
        """The numbers of the clips that are in a part of a fold."""
        return (self.parts[:, fold] == part).nonzero()[0]

    def is_in(self, part):
        """Whether each clip is in this part of some fold, boolean (n_clips,)."""
        return (self.parts == part).any(axis=1)

    def shared_sources(self):
        """The sources that have clips in several parts of one fold, in order."""
        import pandas as pd

        shared = set()
        for parts in self.parts.T:
            n_parts = pd.Series(parts).groupby(self.clips["source"].to_numpy()).nunique()
            shared |= set(n_parts.index[n_parts > 1])
        return sorted(shared)
