"""The clips of soundata and the tracks of mirdata, two packages of dataset loaders, as Recordings.

Neither is a requirement of this repository, as they have many of their own; a message says how to install them.
"""

import os
from importlib import import_module

from pydantic import Field, field_validator, model_validator

from sourcewise.core import messages
from sourcewise.core.errors import Stop
from sourcewise.datasets import dataset_file
from sourcewise.datasets.dataset_file import Recording
from sourcewise.datasets.readers import folder
from sourcewise.datasets.readers.folder import Rule
from sourcewise.datasets.task import SEPARATOR


class DatasetFile(dataset_file.DatasetFile):
    """loader: the dataset's name in the package. version: of its index.

    label: the attribute of a clip that holds its label or labels; with dots, an attribute of that (`tags.labels`).
    events: an attribute that holds intervals in seconds and their labels, which are then the clip's. source, split:
    attributes, or as in `folder`. audio: the attribute that holds the path. rename: from labels to other names; other
    labels stay.
    """

    loader: str
    version: str = "default"
    label: str | None = None
    events: str | None = None
    source: str | Rule
    split: str | Rule | None = None
    audio: str = "audio_path"
    rename: dict[str, str] = Field(default_factory=dict)

    @field_validator("source", "split", mode="before")
    @classmethod
    def _parent_is_a_rule(cls, rule):
        return folder.as_rule(rule) if rule == "parent" else rule

    @model_validator(mode="after")
    def _has_labels(self):
        if (self.label is None) == (self.events is None):
            raise ValueError("set either label or events")
        return self

    @property
    def gives_split(self):
        """As in the base."""
        return super().gives_split or self.split is not None


def dataset(package, root, keys):
    """The package's own object for a dataset that lies in `root`."""
    try:
        module = import_module(package)
    except ModuleNotFoundError:
        raise Stop(f"dataset file: reader {package} needs the package {package}: pip install {package}") from None
    try:
        return module.initialize(keys.loader, data_home=str(root), version=keys.version)
    except ValueError as error:
        known = ", ".join(module.list_datasets())
        raise Stop(
            f"dataset file: loader {keys.loader!r}, version {keys.version!r}: {error}; {package} has: {known}"
        ) from None


def download(package, root, keys):
    """Download, and verify, all files of the loader into `root`."""
    loader = dataset(package, root, keys)
    plain = [
        remote.url
        for remote in (getattr(loader, "remotes", None) or {}).values()
        if not remote.url.startswith("https:")
    ]
    if plain:
        raise Stop(
            f"{package} would download {keys.loader} without encryption ({plain[0]}): download it by hand as "
            f"{loader.readme} says, and set root in the dataset file"
        )
    try:
        loader.download()
    except OSError as error:
        cure = f"download it by hand as {loader.readme} says, and set root in the dataset file"
        raise Stop(f"{package} could not download {keys.loader} ({error}): {cure}") from None


def read(package, root, keys, *, ids, load_one):
    """The clips of a dataset as Recordings; those without a file or a label are left out, and counted. ids, load_one:
    the names of the attribute with the clips' ids and of the method that loads one."""
    loader = dataset(package, root, keys)
    try:
        clips = [getattr(loader, load_one)(name) for name in sorted(getattr(loader, ids))]
        paths = [_value(clip, keys.audio) for clip in clips]
        labelled = [_labelled(clip, keys) for clip in clips]
        kept = [
            k for k, (path, (labels, _)) in enumerate(zip(paths, labelled, strict=True)) if path and labels is not None
        ]
        clips, paths = [clips[k] for k in kept], [os.path.relpath(paths[k], root).replace(os.sep, "/") for k in kept]
        sources, given = (_names(root, clips, paths, keys, key) for key in ("source", "split"))
    except FileNotFoundError as error:
        start = f"{package}.initialize({keys.loader!r}, {str(root)!r})"
        raise Stop(
            f"dataset file: {package} cannot read {keys.loader} in {root} ({error}): in Python, {start}.download(), "
            f"or, for the index alone, .download(['index']); or see {loader.readme}"
        ) from None
    if len(kept) < len(labelled):
        messages.info(
            f"{package} gives no file or no label for {len(labelled) - len(kept)} of {len(labelled)}: left out"
        )
    rows = zip(paths, sources, given, (labelled[k] for k in kept), strict=True)
    return [Recording(path, labels, source, part, events) for path, source, part, (labels, events) in rows]


def _value(clip, attribute):
    for name in attribute.split("."):
        try:
            clip = getattr(clip, name)
        except AttributeError as error:
            present = ", ".join(name for name in dir(clip) if not name.startswith("_"))
            raise Stop(
                f"dataset file: {attribute!r} cannot be read from {type(clip).__name__} ({error}); it has: {present}"
            ) from None
    return clip


def _labelled(clip, keys):
    """(labels, events) of a clip; (None, ()) where the loader has none for it."""
    value, events = _value(clip, keys.events or keys.label), ()
    if value is None:
        return None, ()
    if keys.events:
        if _value(value, "intervals_unit") not in ("s", "seconds"):
            raise Stop(
                f"dataset file: events: the intervals of {keys.events!r} are in {value.intervals_unit}, not in seconds"
            )
        intervals = zip(value.intervals.tolist(), value.labels, strict=True)
        events = [(onset, offset, _renamed(label, keys)) for (onset, offset), label in intervals]
        value = [label for _, _, label in events]
    several = isinstance(value, list | tuple | set) or hasattr(value, "tolist")
    labels = sorted({_renamed(label, keys) for label in (value if several else [value])})
    return (SEPARATOR.join(labels) if labels or keys.events else None), tuple(sorted(events))


def _renamed(label, keys):
    name = keys.rename.get(str(label), str(label)).strip()
    if not name or SEPARATOR in name:
        raise Stop(
            f"dataset file: label {label!r} of loader {keys.loader} is no usable name: give it another one in rename"
        )
    return name


def _names(root, clips, paths, keys, key):
    """The source or the part of each clip; a clip without a part has ""."""
    rule = getattr(keys, key)
    if isinstance(rule, Rule):
        return folder.names(paths, rule.of(root), key)
    values = [None if rule is None else _value(clip, rule) for clip in clips]
    names = ["" if value is None else str(value) for value in values]
    if key == "source" and "" in names:
        first = paths[names.index("")]
        raise Stop(
            f"dataset file: source: {names.count('')} clips have no {rule!r} (first: {first!r}): give source a rule"
        )
    return names
