"""Dataset files, data/datasets/<name>.yaml: where recordings come from, how labels and sources are read."""

from collections import Counter
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from sourcewise.core import messages, params, registry
from sourcewise.core.errors import Stop
from sourcewise.core.params import Range, Section
from sourcewise.core.paths import DATASETS, PARAMS, RAW, escapes
from sourcewise.datasets import manifest

#: What published splits call the parts.
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
    """One file of a dataset: its path relative to the dataset's folder, with "/", its labels and its source; the part
    or the number of the fold that the corpus puts it in, where it does; its events as (onset in s, offset in s, label),
    where it is known when they are heard."""

    path: str
    labels: str
    source: str
    given: str = ""
    events: tuple[tuple[float, float, str], ...] = ()


class Mix(Section):
    """`mix`: soundscapes made of the recordings of another dataset, whose labels are one each.

    of: its card. at_once: from and to how many recordings of different classes are in one soundscape, each beginning at
    a random time. seconds: its length; sr: its sample rate, in Hz. soundscapes: how many of each source. merge: so many
    sources, of different classes where there are any, are made one; 1: each stays by itself. A soundscape holds
    recordings of one source only, so that no split by source parts what it joins.
    """

    of: str
    at_once: Annotated[Range[PositiveInt], Field(min_length=2)]
    seconds: PositiveFloat
    sr: int = Field(ge=1000, le=192_000)
    soundscapes: PositiveInt
    merge: PositiveInt
    seed: NonNegativeInt


class DatasetFile(Section):
    """What all dataset files hold. Each reader adds the keys that it needs in a `DatasetFile` of its own.

    Recordings come from `root` (a folder, or a zip or tar, absolute or relative to the repository), else from `make` (a
    module of sourcewise/datasets/synthetic), else from `mix` (another dataset), else from `url` (a zip or tar), else
    from the reader, where it can download, else they lie in data/raw/<dataset> already. Of an archive, `inside` is the
    folder in it, and `checksum` that of the files in there, or, behind `md5:` or `sha256:`, that of the archive as its
    provider gives it: a url needs one, since nobody has seen what will arrive; an archive in `root` is trusted as a
    folder there would be. lists: of a published split, files of the dataset that hold one path a line; without one for
    train, what no list names is train. only_listed: what no list names is left out. warning: what ingest says of the
    corpus each time.
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

    @model_validator(mode="after")
    def _lists_are_there(self):
        if self.only_listed and self.lists is None:
            raise ValueError("only_listed needs lists")
        return self

    @property
    def gives_split(self):
        """Whether the corpus comes with a split of its own."""
        return self.lists is not None

    @property
    def modality(self):
        """What the recordings are: sound, mel, table or pictures, a module of sourcewise/datasets/modalities."""
        return "sound"


def path(dataset):
    """Where the dataset file of a dataset lies."""
    return DATASETS / f"{dataset}.yaml"


def chosen():
    """The name in `dataset:` of params.yaml, once its dataset file is known to exist."""
    name = params.load(str, "dataset")
    names = sorted(file.stem for file in DATASETS.glob("*.yaml"))
    if name not in names:
        raise Stop(f"{PARAMS}: dataset is {name!r}, there are dataset files for: {', '.join(names)}")
    return name


def load(dataset):
    """The dataset file of a dataset, checked by its reader's own `DatasetFile`."""
    file = path(dataset)
    content = params.read_yaml(file)
    if not isinstance(content.get("reader"), str):
        raise Stop(f"{file}: reader is missing, there are: {', '.join(registry.names('datasets.readers'))}")
    card = params.check(registry.module("datasets.readers", content["reader"]).DatasetFile, content, str(file))
    if card.make is not None:
        registry.module("datasets.synthetic", card.make)
    if card.url is not None and card.checksum is None:
        raise Stop(f"{file}: url needs a checksum, so that what arrives is known to be what was meant; or set root")
    return card


def read(dataset):
    """All recordings of a dataset, sorted by path: whatever the order of the files or the system's locale."""
    card = load(dataset)
    if card.warning is not None:
        messages.warn(f"{card.warning}")
    found = registry.module("datasets.readers", card.reader).read(RAW / dataset, card)
    if not found:
        raise Stop(f"no recording found in {RAW / dataset} ({card.title})")
    if card.lists is not None:
        found = _listed(found, RAW / dataset, card.lists, card.only_listed)
    how = {"labels": _labels, "source": _source, "given": _part, "events": _events}
    found = sorted(r._replace(**{key: of(r) for key, of in how.items()}) for r in found)
    ids = Counter(manifest.clip_id(r.path) for r in found)
    twice = [r.path for r in found if ids[manifest.clip_id(r.path)] > 1]
    if twice:
        raise Stop(f"these paths differ only in how their accents are written: {', '.join(map(ascii, twice[:4]))}")
    return found


def _labels(recording):
    return manifest.nfc(recording.labels)


def _events(recording):
    return tuple((onset, offset, manifest.nfc(label)) for onset, offset, label in recording.events)


def _source(recording):
    """However its blanks and accents are written: one speaker under two names would stand on two sides."""
    return manifest.nfc(recording.source).strip()


def _part(recording):
    """The name of a part as the manifest has it, or the number of a fold."""
    given = recording.given.strip().lower()
    if given == "" or given.isdecimal():
        return given and str(int(given))
    if given not in PARTS:
        raise Stop(
            f"dataset file: split is {recording.given!r} for {recording.path!r}: must be a whole number, the fold's, "
            f"or one of {', '.join(PARTS)}"
        )
    return PARTS[given]


def _lines(file, part):
    try:
        return file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise Stop(f"dataset file: lists: {part}: {file} is not text in UTF-8: {error}") from None


def _listed(recordings, root, lists, only):
    """The recordings, each with the name of the list that holds its path; `only` those that have one."""
    part_of = {}
    for part, name in lists.items():
        file = root / name
        if escapes(file, root) or not file.is_file():
            raise Stop(f"dataset file: lists: {part} is {name!r}: there is no such file in {root}")
        for line in _lines(file, part):
            path = line.strip().replace("\\", "/").removeprefix("./")
            if path and part_of.setdefault(path, part) != part:
                raise Stop(f"dataset file: lists: {path!r} stands in that of {part_of[path]} and in that of {part}")
    absent = sorted(set(part_of) - {r.path for r in recordings})
    if len(absent) == len(part_of):
        raise Stop(
            f"dataset file: lists: none of their {len(absent)} paths is that of a recording in {root}: {absent[:3]}"
        )
    if absent:
        messages.info(f"the lists name {len(absent)} files that are not there: {', '.join(map(ascii, absent[:5]))}")
    if only:
        messages.info(f"{len(recordings) - len(part_of) + len(absent)} recordings are in no list and left out")
        recordings = [r for r in recordings if r.path in part_of]
    rest = "" if "train" in lists else "train"
    return [r._replace(given=part_of.get(r.path, rest)) for r in recordings]
