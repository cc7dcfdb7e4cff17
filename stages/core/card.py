"""Cards: what a dataset is, where its recordings come from, how labels and sources are read."""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from stages.core import manifest, params, registry
from stages.core.params import Section
from stages.core.stop import Stop

#: Where `fetch` puts the recordings of a dataset, or a link to them.
RAW = Path("data/raw")


class Recording(NamedTuple):
    """One file of a dataset: its path relative to the dataset's folder, with "/", its labels and its source."""

    path: str
    labels: str
    source: str


class Card(Section):
    """What all cards hold. Each reader adds the keys that it needs in a `Card` of its own.

    Recordings come from `root` (a folder, absolute or relative to the repository), else from `make` (a module of
    stages/corpora), else from `url` (an archive; `inside` is the folder in it, `checksum` that of its files),
    else they lie in data/raw/<dataset> already.
    """

    title: str
    licence: str
    reader: str
    root: str | None = None
    make: str | None = None
    url: str | None = None
    inside: str = "."
    checksum: str | None = None


def load(dataset):
    """The card of a dataset, checked by its reader's own `Card`."""
    path = params.card_path(dataset)
    content = params.read_yaml(path)
    if not isinstance(content.get("reader"), str):
        raise Stop(f"{path}: reader is missing, there are: {', '.join(registry.names('readers'))}")
    card = params.check(registry.module("readers", content["reader"]).Card, content, f"{path}: card")
    if card.make is not None:
        registry.module("corpora", card.make)
    if card.url is not None and card.checksum is None:
        raise Stop(f"{path}: url needs a checksum, so that what arrives is known to be what was meant")
    return card


def read(dataset):
    """All recordings of a dataset, sorted by path: whatever the order of the files or the system's locale."""
    card = load(dataset)
    found = registry.module("readers", card.reader).read(RAW / dataset, card)
    if not found:
        raise Stop(f"ingest: no recording found in {RAW / dataset} ({card.title})")
    found = sorted(r._replace(labels=manifest.nfc(r.labels), source=manifest.nfc(r.source)) for r in found)
    ids = Counter(manifest.clip_id(r.path) for r in found)
    twice = [r.path for r in found if ids[manifest.clip_id(r.path)] > 1]
    if twice:
        raise Stop(
            f"ingest: these paths differ only in how their accents are written: {', '.join(map(ascii, twice[:4]))}"
        )
    return found
