"""The keys of a dataset file that read the recordings of a folder, each with a comment; what tables share with it."""

import re
from typing import NamedTuple

from sourcewise.core.errors import count
from sourcewise.datasets.dataset_file import PARTS
from sourcewise.datasets.propose import corpora, names, parts
from sourcewise.datasets.propose.parts import Part
from sourcewise.datasets.propose.text import some

NO_SOURCE = "each recording is its own source: no other was recognised"
STRAYS = 0.1  # share of the files up to which those beside the folders are left out
GIVEN = "for split.method: given"


class Proposal(NamedTuple):
    """keys: {key, dotted where nested: (value, comment)}; others: [(key, value, comment)], alternatives; source: the
    Part, None where none was recognised; notes: sentences about how it was guessed; n: of a table, how many recordings
    it lists."""

    keys: dict
    others: list
    source: Part | None
    notes: tuple = ()
    n: int = 0


def of_folder(files, lists=None, again=None):
    """The Proposal for files, paths relative to the dataset's folder; None where their names hold no classes.

    lists: of a published split, {part: name}; again: a folder that is left out, as its files are elsewhere, too.
    """
    files = [path for path in files if again is None or not path.startswith(again)]
    known, strays = corpora.of_names(files), [path for path in files if "/" not in path]
    if not known and again is None and 0 < len(strays) <= STRAYS * len(files):
        below = of_folder([path for path in files if "/" in path], lists)
        only = {"reader": below.keys["reader"], "only": ("/", f"left out: {count(len(strays), 'file')} in no folder")}
        return below and below._replace(keys=only | below.keys)
    outside = f"^(?!{re.escape(again)})" if again else ""
    if known and len(known[1]) < len(files):
        outside = f"{outside}.*(?:{known[0].shape})" if again else known[0].shape
    only = {"only": (outside, "others are left out")} if outside else {}
    candidates = names.parts(known[1] if known else files)
    proposed = (known and _of_corpus(*known, candidates, len(files))) or _of_parts(candidates)
    if proposed is None:
        return None
    keys = proposed.keys | ({} if "split" in proposed.keys or not lists else {"lists": (lists, GIVEN)})
    return proposed._replace(keys={"reader": ("folder", "")} | only | keys)


def _of_parts(candidates):
    """The Proposal of the likeliest parts of the names, None where none may be the label."""
    label = parts.label(candidates)
    if label is None:
        return None
    sources, split = parts.sources(candidates, label), parts.split(candidates)
    label, sources, swapped = _swapped(label, sources, candidates)
    keys = {"label": (rule_of(label), describe_classes(label))}
    keys["source"] = (rule_of(sources[0]) if sources else corpora.EACH), describe_sources(sources)
    if split is not None:
        keys["split"] = _split_rule(split), describe_split(split)
    others = alternatives(candidates, label, sources, "")
    others += [_finer(part, sources[:1]) for part in parts.finer(candidates, label)]
    return Proposal(keys, others, sources[0] if sources else None, swapped + ties(candidates, label, sources))


def _swapped(label, sources, candidates):
    """(label, sources, notes): of two parts of the names alone, which no folder and no word tells apart, the other way
    round where only then each class has as many sources as a split needs."""
    first = sources[0] if sources else label
    fit = any(part is first for part in parts.labels(candidates))
    if {first.kind, label.kind} != {"name"} or first is label or not fit:
        return label, sources, ()
    if max(parts.within(first, label)) >= parts.NEEDED or min(parts.within(label, first)) < parts.NEEDED:
        return label, sources, ()
    note = f"label and source could be the other way round, but then no class had {parts.NEEDED} sources"
    return first, [label, *(part for part in parts.sources(candidates, first) if part is not label)], (note,)


def _of_corpus(corpus, files, candidates, n):
    """The Proposal of a known corpus; None where its names hold fewer than two classes."""
    if corpus.label is None:
        return None
    label, source = (_read(rule, files) for rule in (corpus.label, corpus.source))
    if label is None or label.n < 2 or source is None:
        return None
    sources = [] if corpus.source is corpora.EACH else [source]
    keys = {"label": (_present(corpus.label, files), describe_classes(label))}
    keys["source"] = _present(corpus.source, files), describe_sources(sources)
    split = corpus.split and _read({"pattern": corpus.split}, files)
    if split:
        keys["split"] = {"pattern": corpus.split}, describe_split(split)
    others = [part for part in candidates if part.n > 1]
    distinct = parts.distinct([label, source, *others])
    rest = [part for part in distinct if part is not label and part is not source]
    notes = f"{len(files):,} of {count(n, 'file')} look like {corpus.title} names; caution: {corpus.caution}"
    found = alternatives(rest, label, [source, *parts.sources(rest, label)], "")
    return Proposal(keys, found, source if sources else None, (notes,))


def _read(rule, files):
    """The Part that a Rule reads from all files; None where it gives a file no name."""
    matches = [re.search(rule["pattern"], path) for path in files]
    values = [match and rule.get("table", {}).get(match.group(1), match.group(1)) for match in matches]
    return Part.of(rule["pattern"], "name", values) if all(values) else None


def _present(rule, files):
    """A Rule with those entries of its table that the files need."""
    if "table" not in rule:
        return rule
    present = {re.search(rule["pattern"], path).group(1) for path in files}
    return {"pattern": rule["pattern"], "table": {key: name for key, name in rule["table"].items() if key in present}}


def ties(candidates, label, sources):
    """Sentences about guesses that were as likely as the chosen ones, and the rule that decided."""
    rank, labels = label.rank(parts.LABELS), parts.labels(candidates)
    alike = [
        part for part in labels if part is not label and part.kind == label.kind and part.rank(parts.LABELS) == rank
    ]
    if label.kind == "folder":
        alike, rule = [part for part in alike if part.n == label.n], "the folder further down"
    else:
        alike, rule = (alike if rank is not None else []), "the first column"
    notes = [_tie("label", label, alike, rule)] if alike else []
    alike = [part for part in sources[1:] if parts.unlikely(part) == parts.unlikely(sources[0])]
    if alike:
        rules = {"folder": "the folder further up", "name": "the one further left", "column": "the first column"}
        notes.append(_tie("source", sources[0], alike, rules[sources[0].kind]))
    return tuple(notes)


def _tie(key, chosen, alike, rule):
    described = [f"{text_of(part)} ({count(part.n, 'value')}: {some(part.values)})" for part in (chosen, *alike)]
    return f"as likely to be the {key} as {described[0]}: {', '.join(described[1:])}; of such, {rule} is taken"


def text_of(part):
    """A part's rule for a sentence."""
    return (
        f"{part.kind} {part.rule}" if part.kind == "column" or part.rule == "parent" else f"{part.kind} {part.rule!r}"
    )


def rule_of(part):
    """The rule as in a dataset file."""
    return part.rule if part.rule == "parent" or part.kind == "column" else {"pattern": part.rule}


def _split_rule(part):
    """The rule of a part that holds folds, or parts under the names of PARTS or others."""
    if part.is_folds():
        return rule_of(_numbered(part))
    table = {value: parts.part_of(value) for value in part.values}
    if all(value.lower() in PARTS for value in part.values):
        return rule_of(part)
    return {"table": table} if part.rule == "parent" else {"pattern": part.rule, "table": table}


def _numbered(part):
    """The same folder, but only the number of fold1."""
    rule = r"(\d+)/[^/]*$" if part.rule == "parent" else part.rule.replace("([^/]+)", r"[^/]*?(\d+)")
    return part._replace(rule=rule)


def alternatives(candidates, label, sources, inside):
    """Alternatives for the label and the source, each with what it would mean."""
    others = [part for part in parts.labels(candidates) if all(part is not chosen for chosen in (label, *sources[:1]))]
    found = [(f"{inside}label", rule_of(part), describe_classes(part)) for part in others]
    for part in sources[1:]:
        found.append((f"{inside}source", rule_of(part), _meaning(part, sources[0])))
    return found


def _meaning(part, chosen):
    described = f"{count(part.n, 'source')}: {some(part.values)}"
    return f"{described}; with the chosen source, {parts.torn(part, chosen)} of them may be in several parts"


def _finer(part, chosen):
    """An alternative whose sources have few recordings; chosen: the chosen source in a list, empty without one."""
    meaning = _meaning(part, *chosen) if chosen else describe_sources([part])
    return "source", rule_of(part), f"{meaning}; of at most {count(part.files.max(), 'recording')}"


def describe_classes(part):
    """How many classes, and the first."""
    return describe_names(part.values)


def describe_names(classes):
    """The same of the classes' names."""
    return f"{len(classes)} classes: {some(classes)}"


def describe_sources(sources):
    """How many sources, and the first."""
    return f"{sources[0].n} sources: {some(sources[0].values)}" if sources else NO_SOURCE


def describe_split(part):
    """The parts or folds."""
    return f"{some(part.values)}; {GIVEN}"
