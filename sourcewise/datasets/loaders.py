"""The field's dataset loaders, soundata and mirdata: what their clips and tracks say of themselves, as Recordings.

Neither is among this repository's packages, as they bring many of their own; a sentence says how to install them.
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
    events: an attribute that holds intervals in seconds and labels; then labels are theirs. source, split: attributes,
    or as in `folder`. audio: the attribute that holds the path. rename: from labels to other names; the rest stay.
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


def dataset(package, root, card):
    """The package's own object for a dataset that lies in `root`."""
    try:
        module = import_module(package)
    except ModuleNotFoundError:
        raise Stop(f"dataset file: reader {package} needs the package {package}: pip install {package}") from None
    try:
        return module.initialize(card.loader, data_home=str(root), version=card.version)
    except ValueError as error:
        there = ", ".join(module.list_datasets())
        raise Stop(
            f"dataset file: loader {card.loader!r}, version {card.version!r}: {error}; {package} has: {there}"
        ) from None


def download(package, root, card):
    """Everything that the loader downloads, checked by it, into `root`."""
    found = dataset(package, root, card)
    plain = [
        remote.url for remote in (getattr(found, "remotes", None) or {}).values() if not remote.url.startswith("https:")
    ]
    if plain:
        raise Stop(
            f"{package} would download {card.loader} without encryption ({plain[0]}): download it by hand as "
            f"{found.readme} says, and set root in the card"
        )
    try:
        found.download()
    except OSError as error:
        where = f"download it by hand as {found.readme} says, and set root in the card"
        raise Stop(f"{package} could not download {card.loader} ({error}): {where}") from None


def read(package, root, card, *, ids, one):
    """The clips of a dataset as Recordings; ids, one: the names of the attribute with their ids and of the method that
    gives one. Those without a file or a label are left out, and counted."""
    found = dataset(package, root, card)
    try:
        clips = [getattr(found, one)(name) for name in sorted(getattr(found, ids))]
        paths = [_value(clip, card.audio) for clip in clips]
        labelled = [_labelled(clip, card) for clip in clips]
        kept = [
            k for k, (path, (labels, _)) in enumerate(zip(paths, labelled, strict=True)) if path and labels is not None
        ]
        clips, paths = [clips[k] for k in kept], [os.path.relpath(paths[k], root).replace(os.sep, "/") for k in kept]
        sources, given = (_names(root, clips, paths, card, key) for key in ("source", "split"))
    except FileNotFoundError as error:
        start = f"{package}.initialize({card.loader!r}, {str(root)!r})"
        raise Stop(
            f"dataset file: {package} cannot read {card.loader} in {root} ({error}): in Python, {start}.download(), "
            f"or, for the index alone, .download(['index']); or see {found.readme}"
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
            there = ", ".join(name for name in dir(clip) if not name.startswith("_"))
            raise Stop(
                f"dataset file: {attribute!r} cannot be had from {type(clip).__name__} ({error}); it has: {there}"
            ) from None
    return clip


def _labelled(clip, card):
    """(labels, events) of a clip; (None, ()) where the loader has none for it."""
    value, events = _value(clip, card.events or card.label), ()
    if value is None:
        return None, ()
    if card.events:
        if _value(value, "intervals_unit") not in ("s", "seconds"):
            raise Stop(
                f"dataset file: events: the intervals of {card.events!r} are in {value.intervals_unit}, not in seconds"
            )
        intervals = zip(value.intervals.tolist(), value.labels, strict=True)
        events = [(onset, offset, _renamed(label, card)) for (onset, offset), label in intervals]
        value = [label for _, _, label in events]
    several = isinstance(value, list | tuple | set) or hasattr(value, "tolist")
    labels = sorted({_renamed(label, card) for label in (value if several else [value])})
    return (SEPARATOR.join(labels) if labels or card.events else None), tuple(sorted(events))


def _renamed(label, card):
    name = card.rename.get(str(label), str(label)).strip()
    if not name or SEPARATOR in name:
        raise Stop(
            f"dataset file: label {label!r} of loader {card.loader} is no usable name: give it another one in rename"
        )
    return name


def _names(root, clips, paths, card, key):
    """The source or the part of each clip; a clip without a part has ""."""
    rule = getattr(card, key)
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
