"""The keys of a dataset file that read the recordings, each with a comment, for a folder or a table."""

from typing import NamedTuple

from sourcewise.datasets.propose import columns, names, parts
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
    keys = {"reader": ("folder", ""), "label": (_rule(label), _classes(label))}
    keys["source"] = (_rule(sources[0]) if sources else {"pattern": "(?s)^(.+)$"}), _sources(sources)
    if split is not None:
        keys["split"] = _rule(_numbered(split) if split.is_folds() else split), _given(split)
    elif lists:
        keys["lists"] = lists, GIVEN
    return Proposal(keys, _others(candidates, label, sources, ""), sources[0] if sources else None)


def of_table(table, files, file):
    """The Proposal for a table; None where no column holds paths of `files`, or none holds classes.

    file: the table's path relative to the dataset's folder.
    """
    path = columns.paths(table, files)
    candidates = columns.parts(table, path[0]) if path else []
    label = parts.label(candidates)
    if label is None:
        return None
    filled = table[label.rule] != ""
    if not filled.all():
        wanted = sorted(set(table[label.rule]) - {""}), f"{(~filled).sum()} rows without a label are left out"
        rest = of_table(table[filled], files, file)
        return rest and rest._replace(keys=rest.keys | {f"where.{label.rule}": wanted})
    separator = columns.separator(table[label.rule])
    first = label if separator is None else Part.of(label.rule, "column", table[label.rule].str.split(separator).str[0])
    sources, split = parts.sources([part for part in candidates if part is not label], first), parts.split(candidates)
    keys = {"reader": ("manifest", ""), "file": (file, ""), "columns.path": (path[1], "")}
    keys["columns.label"] = label.rule, _classes(first)
    keys["columns.source"] = (sources[0].rule if sources else path[1]), _sources(sources)
    if split is not None and not split.is_folds():
        keys["columns.split"] = split.rule, _given(split)
    if separator is not None:
        keys["separator"] = separator, "between the labels of a recording"
    return Proposal(keys, _others(candidates, label, sources, "columns."), sources[0] if sources else None)


def _rule(part):
    """The rule as in a dataset file."""
    return part.rule if part.rule == "parent" or part.kind == "column" else {"pattern": part.rule}


def _numbered(part):
    """The same folder, but only the number of fold1."""
    rule = r"(\d+)/[^/]*$" if part.rule == "parent" else part.rule.replace("([^/]+)", r"[^/]*?(\d+)")
    return part._replace(rule=rule)


def _others(candidates, label, sources, inside):
    """Alternatives for the label and the source."""
    others = [
        ("label", part)
        for part in parts.labels(candidates)
        if all(part is not chosen for chosen in (label, *sources[:1]))
    ]
    others += [("source", part) for part in sources[1:]]
    return [(f"{inside}{key}", _rule(part), f"{part.n} values: {some(part.values)}") for key, part in others]


def _classes(part):
    return f"{part.n} classes: {some(part.values)}"


def _sources(sources):
    return f"{sources[0].n} sources: {some(sources[0].values)}" if sources else NO_SOURCE


def _given(part):
    return f"{some(part.values)}; {GIVEN}"
