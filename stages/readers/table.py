"""A CSV of ready features: a row a clip, a column a number, as in the genre corpus' published features_30_sec.csv."""

from pydantic import Field

from stages.core.stop import Stop
from stages.readers import _tables, folder, manifest

KIND = "table"


class Card(manifest.Card):
    """As in `manifest`, but that `path` is any name that no two rows share; `source` may be the same column.

    source: how the source's name is read from the text in its column. leave_out: columns that are no features; all
    others but those named are.
    """

    source: folder.Rule | None = None
    leave_out: list[str] = Field(default_factory=list)


def read(root, card):
    """The rows of the CSV as Recordings."""
    found = manifest.read(root, card)
    if card.source is None:
        return found
    sources = folder.names([recording.source for recording in found], card.source.of(root), "source", what="rows")
    return [recording._replace(source=source) for recording, source in zip(found, sources, strict=True)]


def rows(root, card):
    """The columns of features as their text, in their order, a row a Recording, by its path."""
    table, listed = _tables.whole(root / card.file, delimiter=card.delimiter), manifest.rows(root, card)
    unknown = sorted(set(card.leave_out) - set(table.columns))
    if unknown:
        raise Stop(f"card: leave_out: {root / card.file} has no column {', '.join(unknown)}")
    named = {*card.columns.model_dump(exclude_none=True).values(), *card.leave_out}
    features = table[[name for name in table.columns if name not in named]]
    taken = sorted({"clip_id", "filename", "label"} & set(features.columns))
    if taken or features.empty:
        which = f"{taken[0]!r} would be one" if taken else "none is left"
        raise Stop(f"card: of the columns of {root / card.file} that are features, {which}: mend columns or leave_out")
    return features.loc[listed.index].set_axis(listed["path"].tolist())
