"""A CSV of precomputed features, a clip per row and a number per column, as GTZAN's features_30_sec.csv."""

from typing import Annotated

import numpy as np
from pydantic import Field, NonNegativeInt, model_validator

from sourcewise.core.errors import Stop
from sourcewise.core.params import Section
from sourcewise.datasets import tables
from sourcewise.datasets.dataset_file import Recording
from sourcewise.datasets.readers import folder, manifest


class Drawn(Section):
    """A published random split, by scikit-learn's train_test_split on the rows in file order: its `test_size` and its
    `random_state`.

    validation: the share of all rows that is taken from test for validation, so that train is the published one.
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


class Columns(manifest.Columns):
    """As in `manifest`, but `path` is any name that is unique to a row, null for the row's number, 1 for the first
    below the titles; `source` may be the same column, and is null where each row is its own source."""

    path: str | None = None
    source: str | None = None


class DatasetFile(manifest.DatasetFile):
    """As in `manifest`, but for the columns.

    source: how the source's name is read from the text in its column. leave_out: columns that are not features; all
    others that `columns` does not name are. drawn: the split that a published result was measured on, for
    split.method: given.
    """

    columns: Columns
    source: folder.Rule | None = None
    leave_out: list[str] = Field(default_factory=list)
    drawn: Drawn | None = None

    @model_validator(mode="after")
    def _one_split(self):
        if self.drawn is not None and super().gives_split:
            raise ValueError("drawn is set together with columns.split or lists: set one of them")
        if self.missing is not None:
            raise ValueError("missing is for recordings: rows of features are not missing")
        return self

    @property
    def gives_split(self):
        """As in the base."""
        return super().gives_split or self.drawn is not None

    @property
    def modality(self):
        """As in the base."""
        return "table"


def read(root, keys):
    """The rows of the CSV as Recordings."""
    recordings = [Recording(**row) for row in manifest.rows(root, keys).to_dict("records")]
    if keys.source is not None:
        column = [recording.source for recording in recordings]
        sources = folder.names(column, keys.source.of(root), "source", noun="rows")
        recordings = [r._replace(source=source) for r, source in zip(recordings, sources, strict=True)]
    if keys.drawn is not None:
        parts = keys.drawn.parts(len(recordings))
        recordings = [r._replace(given=part) for r, part in zip(recordings, parts, strict=True)]
    return recordings


def rows(root, keys):
    """The feature columns as text, in file order, one row a Recording, indexed by its path."""
    table, listed = (
        tables.whole(root / keys.file, names=keys.names, delimiter=keys.delimiter),
        manifest.rows(root, keys),
    )
    unknown = sorted(set(keys.leave_out) - set(table.columns))
    if unknown:
        raise Stop(f"dataset file: leave_out: {root / keys.file} has no column {', '.join(unknown)}")
    labels = keys.columns.label if isinstance(keys.columns.label, list) else [keys.columns.label]
    columns = [keys.columns.path, keys.columns.source, keys.columns.split]
    named = {*columns, *labels, *keys.leave_out}
    features = table[[name for name in table.columns if name not in named]]
    taken = sorted({"clip_id", "filename", "label"} & set(features.columns))
    if taken or features.empty:
        fault = f"the feature column {taken[0]!r} has a reserved name" if taken else "no feature column is left"
        raise Stop(f"dataset file: {root / keys.file}: {fault}: correct columns or leave_out")
    return features.loc[listed.index].apply(tables.with_points).set_axis(listed["path"].tolist())
