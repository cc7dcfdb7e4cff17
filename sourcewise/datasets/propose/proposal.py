"""What a card says of how recordings are read: its keys, each with a comment; of a folder, or of a table."""

from typing import NamedTuple

from sourcewise.datasets.propose import columns, names, parts
from sourcewise.datasets.propose.parts import Part
from sourcewise.datasets.propose.text import some

NO_SOURCE = "each recording by itself: nothing else was found"
GIVEN = "for split.method: given"


class Proposal(NamedTuple):
    """keys: {key of the card, with a dot where it stands in another: (value, comment)}; others: [(key, value, comment)]
    that may be meant instead; source: the Part, None where there is none."""

    keys: dict
    others: list
    source: Part | None


def of_folder(files, lists=None):
    """What the names of files, paths relative to the dataset's folder, tell; None where they tell no classes.

    lists: of a published split, {part: name}.
    """
    found = names.parts(files)
    label = parts.label(found)
    if label is None:
        return None
    sources, split = parts.sources(found, label), parts.split(found)
    keys = {"reader": ("folder", ""), "label": (_rule(label), _classes(label))}
    keys["source"] = (_rule(sources[0]) if sources else {"pattern": "(?s)^(.+)$"}), _sources(sources)
    if split is not None:
        keys["split"] = _rule(_numbered(split) if split.is_folds() else split), _given(split)
    elif lists:
        keys["lists"] = lists, GIVEN
    return Proposal(keys, _others(found, label, sources, ""), sources[0] if sources else None)


def of_table(table, files, file):
    """What the columns of a table tell; None where none holds paths of `files`, or none tells classes.

    file: its own path relative to the dataset's folder.
    """
    path = columns.paths(table, files)
    found = columns.parts(table, path[0]) if path else []
    label = parts.label(found)
    if label is None:
        return None
    filled = table[label.rule] != ""
    if not filled.all():
        wanted = sorted(set(table[label.rule]) - {""}), f"{(~filled).sum()} rows without are left out"
        rest = of_table(table[filled], files, file)
        return rest and rest._replace(keys=rest.keys | {f"where.{label.rule}": wanted})
    separator = columns.separator(table[label.rule])
    first = label if separator is None else Part.of(label.rule, "column", table[label.rule].str.split(separator).str[0])
    sources, split = parts.sources([part for part in found if part is not label], first), parts.split(found)
    keys = {"reader": ("manifest", ""), "file": (file, ""), "columns.path": (path[1], "")}
    keys["columns.label"] = label.rule, _classes(first)
    keys["columns.source"] = (sources[0].rule if sources else path[1]), _sources(sources)
    if split is not None and not split.is_folds():
        keys["columns.split"] = split.rule, _given(split)
    if separator is not None:
        keys["separator"] = separator, "between the labels of a recording"
    return Proposal(keys, _others(found, label, sources, "columns."), sources[0] if sources else None)


def _rule(part):
    """As the card has it."""
    return part.rule if part.rule == "parent" or part.kind == "column" else {"pattern": part.rule}


def _numbered(part):
    """The same folder, but of fold1 the number."""
    rule = r"(\d+)/[^/]*$" if part.rule == "parent" else part.rule.replace("([^/]+)", r"[^/]*?(\d+)")
    return part._replace(rule=rule)


def _others(found, label, sources, inside):
    """What else may be the label or the source."""
    other = [
        ("label", part) for part in parts.labels(found) if all(part is not chosen for chosen in (label, *sources[:1]))
    ]
    other += [("source", part) for part in sources[1:]]
    return [(f"{inside}{key}", _rule(part), f"{part.n} names: {some(part.values)}") for key, part in other]


def _classes(part):
    return f"{part.n} classes: {some(part.values)}"


def _sources(sources):
    return f"{sources[0].n} sources: {some(sources[0].values)}" if sources else NO_SOURCE


def _given(part):
    return f"{some(part.values)}; {GIVEN}"
