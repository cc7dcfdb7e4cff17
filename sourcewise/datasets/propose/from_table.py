"""The keys of a dataset file that read the recordings, each with a comment, for a table."""

from sourcewise.datasets.propose import columns, parts
from sourcewise.datasets.propose.parts import Part
from sourcewise.datasets.propose.proposal import (
    Proposal,
    alternatives,
    describe_classes,
    describe_sources,
    describe_split,
)


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
    keys["columns.label"] = label.rule, describe_classes(first)
    keys["columns.source"] = (sources[0].rule if sources else path[1]), describe_sources(sources)
    if split is not None and not split.is_folds():
        keys["columns.split"] = split.rule, describe_split(split)
    if separator is not None:
        keys["separator"] = separator, "between the labels of a recording"
    return Proposal(keys, alternatives(candidates, label, sources, "columns."), sources[0] if sources else None)
