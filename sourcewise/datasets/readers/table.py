"""A CSV of ready features: a row a clip, a column a number, as in the genre corpus' published features_30_sec.csv."""

from typing import Annotated

import numpy as np
from pydantic import Field, NonNegativeInt, model_validator

from sourcewise.core.errors import Stop
from sourcewise.core.params import Section
from sourcewise.datasets import tables
from sourcewise.datasets.readers import folder, manifest


class Drawn(Section):
    """A split that others drew by scikit-learn's train_test_split, from the rows in the file's order: the share of test
    and the seed (`random_state`) that they give.

    validation: the share of all rows that is taken from test for it, so that train is theirs to the row.
    """

    test: Annotated[float, Field(gt=0, lt=1)]
    validation: Annotated[float, Field(gt=0, lt=1)]
    seed: NonNegativeInt

    def parts(self, n):
        """The name of the part of each of n rows."""
        from sklearn.model_selection import train_test_split

        _, test = train_test_split(np.arange(n), test_size=self.test, random_state=self.seed)
        names = np.full(n, "train", object)
        names[test] = "test"
        names[test[: max(1, round(self.validation * n))]] = "validation"
        return names.tolist()


class DatasetFile(manifest.DatasetFile):
    """As in `manifest`, but that `path` is any name that no two rows share; `source` may be the same column.

    source: how the source's name is read from the text in its column. leave_out: columns that are no features; all
    others but those named are. drawn: the split that a published result was measured on, for split.method: given.
    """

    source: folder.Rule | None = None
    leave_out: list[str] = Field(default_factory=list)
    drawn: Drawn | None = None

    @model_validator(mode="after")
    def _one_split(self):
        if self.drawn is not None and super().gives_split:
            raise ValueError("drawn stands beside columns.split or lists: give one of them")
        return self

    @property
    def gives_split(self):
        """As in the base."""
        return super().gives_split or self.drawn is not None

    @property
    def modality(self):
        """As in the base."""
        return "table"


def read(root, card):
    """The rows of the CSV as Recordings."""
    found = manifest.read(root, card)
    if card.source is not None:
        sources = folder.names([recording.source for recording in found], card.source.of(root), "source", what="rows")
        found = [recording._replace(source=source) for recording, source in zip(found, sources, strict=True)]
    if card.drawn is not None:
        parts = card.drawn.parts(len(found))
        found = [recording._replace(given=part) for recording, part in zip(found, parts, strict=True)]
    return found


def rows(root, card):
    """The columns of features as their text, in their order, a row a Recording, by its path."""
    table, listed = tables.whole(root / card.file, delimiter=card.delimiter), manifest.rows(root, card)
    unknown = sorted(set(card.leave_out) - set(table.columns))
    if unknown:
        raise Stop(f"dataset file: leave_out: {root / card.file} has no column {', '.join(unknown)}")
    named = {*card.columns.model_dump(exclude_none=True).values(), *card.leave_out}
    features = table[[name for name in table.columns if name not in named]]
    taken = sorted({"clip_id", "filename", "label"} & set(features.columns))
    if taken or features.empty:
        which = f"{taken[0]!r} would be one" if taken else "none is left"
        raise Stop(
            f"dataset file: of the columns of {root / card.file} that are features, {which}: mend columns or leave_out"
        )
    return features.loc[listed.index].set_axis(listed["path"].tolist())
