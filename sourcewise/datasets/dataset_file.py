"""Dataset files, data/datasets/<name>.yaml: where recordings come from and how labels and sources are read."""

import os
import re
from collections import Counter
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, field_validator, model_validator

from sourcewise.core import messages, params, registry
from sourcewise.core.errors import Stop, available, count
from sourcewise.core.params import Range, Section
from sourcewise.core.paths import DATASETS, PARAMS, RAW, escapes
from sourcewise.datasets import manifest, resolver

#: What published splits call their parts.
PARTS = {
    **{name: name for name in manifest.SPLITS},
    **{
        "training": "train",
        "valid": "validation",
        "validate": "validation",
        "val": "validation",
        "dev": "validation",
        "testing": "test",
    },
}


class Recording(NamedTuple):
    """One file of a dataset: its path relative to the dataset's folder, with "/", its labels and its source; its part
    or the number of its fold, where the dataset comes with a split; its events as (onset in s, offset in s, label),
    where their times are known."""

    path: str
    labels: str
    source: str
    given: str = ""
    events: tuple[tuple[float, float, str], ...] = ()
    span = None

    @property
    def id(self):
        """A name that no other recording has, see manifest.clip_id."""
        return manifest.clip_id(self.path)


class Segment(NamedTuple):
    """A part of a file that is a recording of its own; span: its start and end in s; the rest as of a Recording."""

    path: str
    labels: str
    source: str
    given: str
    span: tuple[float, float]
    events = ()

    @property
    def id(self):
        """As of a Recording."""
        stem, suffix = os.path.splitext(self.path)
        return manifest.clip_id(f"{stem} {self.span[0]!r} {self.span[1]!r}{suffix or '.'}")


class Mix(Section):
    """`mix`: soundscapes made of the recordings of another dataset, whose labels are one each.

    of: that dataset's name. at_once: the smallest and the largest number of recordings in a soundscape, each of another
    class and starting at a random time. seconds: its length; sr: its sample rate, in Hz. soundscapes: the number for
    each source. merge: this many sources, of different classes where possible, become one; 1: none is merged. A
    soundscape holds recordings of one source only, so that a grouped split stays possible.
    """

    of: str
    at_once: Annotated[Range[PositiveInt], Field(min_length=2)]
    seconds: PositiveFloat
    sr: int = Field(ge=1000, le=192_000)
    soundscapes: PositiveInt
    merge: PositiveInt
    seed: NonNegativeInt


class External(Section):
    """One of `external`: a dataset whose recordings are predicted by the trained classifiers and never trained on.

    dataset: its name; rename: from labels of its own to classes of this dataset; other labels stay.
    """

    dataset: str
    rename: dict[str, str] = Field(default_factory=dict)


class DatasetFile(Section):
    """What all dataset files hold. Each reader adds the keys that it needs in a `DatasetFile` of its own.

    Recordings come from `root` (a folder, or a zip or tar, absolute or relative to the repository), else from `make` (a
    module of sourcewise/datasets/synthetic), else from `mix` (another dataset), else from `url` (a zip or tar), else
    from the reader, where it can download, else they lie in data/raw/<dataset> already. Of an archive, `inside` is the
    folder in it, and `checksum` that of the files in that folder, or, after `md5:` or `sha256:`, the published one of
    the archive: required with a url, as a download is not trusted; an archive in `root` is, as a folder would be.
    lists: of a published split, files of the dataset with one path a line; without one for train, unlisted recordings
    are train. only_listed: unlisted recordings are left out. warning: what ingest warns of each time. external: other
    datasets on which all trained classifiers are tested; a text is the name of one whose labels are equal.
    """

    title: str
    licence: str
    reader: str
    root: str | None = None
    make: str | None = None
    mix: Mix | None = None
    url: str | None = None
    inside: str = "."
    checksum: str | None = None
    lists: Annotated[dict[Literal["train", "validation", "test"], str], Field(min_length=1)] | None = None
    only_listed: bool = False
    warning: str | None = None
    external: list[External] = Field(default_factory=list)

    @field_validator("external", mode="before")
    @classmethod
    def _names_are_datasets(cls, value):
        return [{"dataset": one} if isinstance(one, str) else one for one in value] if type(value) is list else value

    @model_validator(mode="after")
    def _lists_are_set(self):
        if self.only_listed and self.lists is None:
            raise ValueError("only_listed needs lists")
        return self

    @property
    def gives_split(self):
        """Whether the dataset comes with a split of its own."""
        return self.lists is not None

    @property
    def modality(self):
        """What the recordings are: sound, mel, table or pictures, a module of sourcewise/datasets/modalities."""
        return "sound"


def path(dataset):
    """The path of a dataset's dataset file."""
    return DATASETS / f"{dataset}.yaml"


def chosen():
    """The name in `dataset:` of params.yaml, once its dataset file is known to exist."""
    name = params.load(str, "dataset")
    if name not in _names():
        raise Stop(f"{PARAMS}: dataset is {name!r}, which has no dataset file{available(name, _names())}")
    return name


def _names():
    return sorted(file.stem for file in DATASETS.glob("*.yaml"))


def external(dataset):
    """The datasets that `external` of a dataset file names, each an External, once they are known to exist, to be
    other ones and to be of the same modality."""
    keys, names = load(dataset), _names()
    listed = [one.dataset for one in keys.external]
    for name in listed:
        where = f"{path(dataset)}: external: {name!r}"
        if name not in names:
            raise Stop(f"{where} has no dataset file{available(name, names)}")
        if name == dataset or listed.count(name) > 1:
            raise Stop(f"{where} is {'this dataset itself' if name == dataset else 'named twice'}: remove it")
        if load(name).modality != keys.modality:
            raise Stop(f"{where} is {load(name).modality}, but {dataset} is {keys.modality}: name one of the same kind")
    return keys.external


def load(dataset):
    """The dataset file of a dataset, checked by its reader's own `DatasetFile`."""
    file = path(dataset)
    content = params.read_yaml(file)
    if not isinstance(content.get("reader"), str):
        raise Stop(f"{file}: reader is missing{available('', registry.names('datasets.readers'))}")
    keys = params.check(registry.module("datasets.readers", content["reader"]).DatasetFile, content, str(file))
    if keys.make is not None:
        registry.module("datasets.synthetic", keys.make)
    if keys.url is not None and keys.checksum is None:
        raise Stop(f"{file}: url needs a checksum, so that a wrong download is noticed; or set root")
    return keys


def read(dataset):
    """All recordings of a dataset, sorted by path, independent of file order and locale."""
    keys = load(dataset)
    if keys.warning is not None:
        messages.warn(f"{keys.warning}")
    recordings = registry.module("datasets.readers", keys.reader).read(RAW / dataset, keys)
    if not recordings:
        raise Stop(f"no recording found in {RAW / dataset} ({keys.title})")
    if keys.lists is not None:
        recordings = _listed(recordings, RAW / dataset, keys.lists, keys.only_listed)
    recordings = sorted(map(_normalised, recordings))
    ids = Counter(r.id for r in recordings)
    twice = [r.path for r in recordings if ids[r.id] > 1]
    if twice:
        raise Stop(f"these paths differ only in how their accents are written: {', '.join(map(ascii, twice[:4]))}")
    return recordings


def _normalised(recording):
    fields = {"labels": manifest.nfc(recording.labels), "source": _source(recording), "given": _part(recording)}
    if recording.events:
        fields["events"] = tuple((onset, offset, manifest.nfc(label)) for onset, offset, label in recording.events)
    return recording._replace(**fields)


def _source(recording):
    """The source with blanks and accents normalised, so that two spellings of one speaker stay one source."""
    return manifest.nfc(recording.source).strip()


def _part(recording):
    """The part under its name in the manifest, or the number of the fold."""
    given = re.sub(r"^(?:fold|split)[ _-]?(?=\d+$)", "", recording.given.strip().lower())
    if given == "" or given.isdecimal():
        return given and str(int(given))
    if given not in PARTS:
        raise Stop(
            f"dataset file: split is {recording.given!r} for {recording.path!r}: must be the number of a fold, "
            f"or one of {', '.join(PARTS)}"
        )
    return PARTS[given]


def _lines(file, part):
    try:
        return file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise Stop(f"dataset file: lists: {part}: {file} is not text in UTF-8: {error}") from None


def _listed(recordings, root, lists, only):
    """The recordings, each with the part whose list holds its path; only: without those in no list."""
    part_of, paths = {}, resolver.Paths([r.path for r in recordings], root)
    for part, name in lists.items():
        file = root / name
        if escapes(file, root) or not file.is_file():
            raise Stop(f"dataset file: lists: {part} is {name!r}: there is no such file in {root}")
        for line in _lines(file, part):
            path = paths.one(line)
            if path and part_of.setdefault(path, part) != part:
                raise Stop(f"dataset file: lists: {path!r} is in the list of {part_of[path]} and in that of {part}")
    absent = sorted(set(part_of) - {r.path for r in recordings})
    if len(absent) == len(part_of):
        raise Stop(
            f"dataset file: lists: none of their {len(absent)} paths is that of a recording in {root}: {absent[:3]}"
        )
    if absent:
        messages.info(f"{count(len(absent), 'path')} of the lists not found: {', '.join(map(ascii, absent[:5]))}")
    if only:
        messages.info(f"{len(recordings) - len(part_of) + len(absent)} recordings are in no list and are left out")
        recordings = [r for r in recordings if r.path in part_of]
    rest = "" if "train" in lists else "train"
    return [r._replace(given=part_of.get(r.path, rest)) for r in recordings]
