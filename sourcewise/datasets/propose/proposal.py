"""The keys of a dataset file that read the recordings of a folder, each with a comment; what tables share with it."""

from typing import NamedTuple

from sourcewise.datasets.propose import names, parts
from sourcewise.datasets.propose.parts import Part
from sourcewise.datasets.propose.text import some

NO_SOURCE = "each recording is its own source: no other was recognised"
GIVEN = "for split.method: given"


class Proposal(NamedTuple):
    """keys: {key, dotted where nested: (value, comment)}; others: [(key, value, comment)], alternatives; source: the
    Part, None where none was recognised."""

    keys: dict
    others: list
    source: Part | None


def of_folder(files, lists=None):
    """The Proposal for files, paths relative to the dataset's folder; None where their names hold no classes.

    lists: of a published split, {part: name}.
    """
    candidates = names.parts(files)
    label = parts.label(candidates)
    if label is None:
        return None
    sources, split = parts.sources(candidates, label), parts.split(candidates)
    keys = {"reader": ("folder", ""), "label": (rule_of(label), describe_classes(label))}
    keys["source"] = (rule_of(sources[0]) if sources else {"pattern": "(?s)^(.+)$"}), describe_sources(sources)
    if split is not None:
        keys["split"] = rule_of(_numbered(split) if split.is_folds() else split), describe_split(split)
    elif lists:
        keys["lists"] = lists, GIVEN
    return Proposal(keys, alternatives(candidates, label, sources, ""), sources[0] if sources else None)


def rule_of(part):
    """The rule as in a dataset file."""
    return part.rule if part.rule == "parent" or part.kind == "column" else {"pattern": part.rule}


def _numbered(part):
    """The same folder, but only the number of fold1."""
    rule = r"(\d+)/[^/]*$" if part.rule == "parent" else part.rule.replace("([^/]+)", r"[^/]*?(\d+)")
    return part._replace(rule=rule)


def alternatives(candidates, label, sources, inside):
    """Alternatives for the label and the source."""
    others = [
        ("label", part)
        for part in parts.labels(candidates)
        if all(part is not chosen for chosen in (label, *sources[:1]))
    ]
    others += [("source", part) for part in sources[1:]]
    return [(f"{inside}{key}", rule_of(part), f"{part.n} values: {some(part.values)}") for key, part in others]


def describe_classes(part):
    """How many classes, and the first."""
    return f"{part.n} classes: {some(part.values)}"


def describe_sources(sources):
    """How many sources, and the first."""
    return f"{sources[0].n} sources: {some(sources[0].values)}" if sources else NO_SOURCE


def describe_split(part):
    """The parts or folds."""
    return f"{some(part.values)}; {GIVEN}"
