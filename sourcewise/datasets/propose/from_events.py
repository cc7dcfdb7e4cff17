"""The keys of a dataset file for a list of events, or of the parts that recordings are cut into: one for all
recordings, or one for each."""

import os
import posixpath
from collections import Counter, defaultdict

import numpy as np
import pandas as pd
import soundfile

from sourcewise.core.errors import Stop, count
from sourcewise.datasets import annotations, dialects, tables
from sourcewise.datasets.propose import classes, columns, corpora, listed, names, parts, times
from sourcewise.datasets.propose.parts import Part
from sourcewise.datasets.propose.proposal import Proposal, alternatives, describe_sources, rule_of
from sourcewise.datasets.storing import BEYOND_S

LISTS = (".txt", ".csv", ".tsv")
ENOUGH = 0.5  # share of the recordings that must have a list of their own
SAMPLED = 20  # rows whose times are compared with the durations of their files
SHORTEST_S = 0.02  # that half of the rows must last, for their times to be in ms
INSIDE = 0.9  # share of them that must lie within
SIGNS = "._- "  # after which a list's name differs from that of its recording
FILE, FIRST = "\0file", "\0label"  # columns that no table has
UNITS = {"s": "in seconds from the start of the file", "ms": "in milliseconds from the start of the file"}


def of_list(found):
    """The Proposal for a Listed with a row an event or a part; None where its rows have no times, or no class."""
    path, _, files, _ = found.path
    return _proposal(found.root, found.table, files, path, found.keys("eventlist"), found.lists, not found.names)


def of_lists(root, files, others):
    """The Proposal for recordings of which most have a list of events of their own, as Audacity and Raven write them;
    None where they have none. files, others: paths relative to `root`, of recordings and of other files."""
    sounds, template = _template(files, others) or (".", None)
    if template is None:
        return None
    below = [file for file in files if sounds == "." or file.startswith(f"{sounds}/")]
    own = {file: annotations.name(template, file, sounds) for file in below}
    own = {file: name for file, name in own.items() if (root / name).is_file()}
    try:
        rows = {file: [cells for _, cells in dialects.rows(root / name)] for file, name in own.items()}
        first = next((some for some in rows.values() if some), [[]])
        is_titled = not any(columns.are_numbers([cell]) for cell in first[0])
        untitled = None if is_titled else tables.untitled(max(len(row) for some in rows.values() for row in some))
        each = [
            tables.whole(root / own[file], names=untitled).assign(**{FILE: file}) for file, some in rows.items() if some
        ]
    except Stop:  # other texts, such as transcripts
        return None
    if not each:
        return None
    table = pd.concat(each, ignore_index=True).fillna("")
    keys = {"reader": ("eventlist", ""), "file": (template, f"{count(len(own), 'list')}, each of one recording")}
    keys |= {"names": (untitled, "the lists have no titles")} if untitled else {}
    keys |= {"sounds": (sounds, "")} if sounds != "." else {}
    return _proposal(root, table, table[FILE].tolist(), FILE, keys, (), is_titled, own=True)


def _proposal(root, table, files, path, keys, lists, is_titled, own=False):
    """files: the file of each row, or ""; path: the column of paths; keys: the first of the dataset file; own: whether
    each recording has a list of its own, so that no column holds the source."""
    spans = times.of(table)
    unit = spans and _unit(root, table, files, spans)
    if not unit:
        return None
    rest = table.drop(columns=list(spans.values()))
    found = classes.of(rest, path, lists)
    if found is None:
        return None
    is_present = np.array([file != "" for file in files])
    cut = found.label is None or times.are_segments(table[is_present], [f for f in files if f], spans, is_titled)
    keys |= {f"columns.{key}": (column, UNITS[unit]) for key, column in spans.items()} | found.keys
    keys |= {"unit": (unit, "of the times")} if unit != "s" else {}
    sources, of_source = _sources(rest, files, found, cut, own)
    keys |= of_source
    n_files, n_rows = len(set(files) - {""}), int(is_present.sum())
    if not is_present.all():
        keys["missing"] = "left_out", f"{count(len(files) - n_rows, 'row')} of recordings that are not there"
    whole = f"{count(n_files, 'recording')}, each with the labels of all its rows"
    each = f"{count(n_rows, 'recording')}, one for each row, cut out of {count(n_files, 'file')}"
    if cut:
        keys["cut"] = True, each
    else:
        keys["unlisted"] = "left_out", "recordings without a row; empty: they hold none of these events"
    taken, other = (each, whole) if cut else (whole, each)
    others = [("cut", not cut, other)]
    others += alternatives([], found.first, sources, "columns.")
    return Proposal(keys, others, sources[0] if sources else None, (f"rows have times; taken as {taken}",))


def _sources(rest, files, found, cut, own):
    """(the Parts that may be the source, the keys of the source and of a published split)."""
    is_present = [file != "" for file in files]
    rows = rest[is_present].assign(**{FILE: [file for file in files if file], FIRST: found.first.of_rows()[is_present]})
    once = rows.drop_duplicates(FILE)
    alike = {part.rule for part in found.rest if (rows.groupby(FILE)[part.rule].nunique() == 1).all()}
    if not own:
        kept = [part for part in found.rest if part.rule in alike or (cut and part.is_named_source())]
        of = rows if cut else once
        candidates = [Part.of(part.rule, "column", of[part.rule]) for part in kept]
        sources, split = parts.sources(candidates, Part.of("", "column", of[FIRST])), parts.split(candidates)
        if sources:
            return sources, listed.source_and_split(sources, split, "")
    of_names = parts.sources(names.parts(once[FILE].tolist()), Part.of("", "column", once[FIRST]))
    rule = rule_of(of_names[0]) if of_names else corpora.EACH
    comment = describe_sources(of_names) if of_names else "each file is its own source: no other was recognised"
    return of_names, {"source": (rule, comment)}


def _unit(root, table, files, spans):
    """The unit in which the times of rows lie within their files, "s" or "ms"; None where they do not, as those in the
    original that a clip was cut from, or where all rows span all of their files."""
    start, end = times.spans(table, spans)
    rows = [k for k, file in enumerate(files) if file and np.isfinite(start[k]) and np.isfinite(end[k])]
    rows = rows[:: max(1, len(rows) // SAMPLED)]
    lengths = np.array([_duration_s(root / files[k]) for k in rows])
    for unit, s in (("s", 1), ("ms", 0.001)):
        first, last = start[rows] * s, end[rows] * s
        if unit == "ms" and np.median(last - first) < SHORTEST_S:
            break
        inside = np.isfinite(lengths) & (last <= lengths + BEYOND_S)
        if len(rows) and inside.mean() >= INSIDE and ((first > BEYOND_S) | (last < lengths - BEYOND_S)).any():
            return unit
    return None


def _duration_s(path):
    try:
        return soundfile.info(str(path)).duration
    except (soundfile.LibsndfileError, OSError):
        return np.nan


def _template(files, others):
    """(the folder of the recordings, the text for `file` that names a list for most of them); None where few have
    one."""
    stems, found = defaultdict(list), Counter()
    for file in files:
        stems[posixpath.basename(os.path.splitext(file)[0])].append(file)
    for other in others:
        folder, name = posixpath.split(other)
        if name.lower().endswith(LISTS):
            ends = [k for k, sign in enumerate(name) if sign in SIGNS]
            found.update(
                {text for k in ends for file in stems.get(name[:k], ()) for text in _texts(file, folder, name[k:])}
            )
    best = min(found, key=lambda text: (-found[text], "{name}" in text[1], text), default=None)
    return best if best and found[best] >= ENOUGH * len(files) else None


def _texts(file, folder, end):
    """(sounds, file) by which a list in a folder, whose name ends with `end`, may belong to a recording."""
    above, beside = posixpath.dirname(file), folder
    while above and posixpath.basename(above) == posixpath.basename(beside):
        above, beside = posixpath.dirname(above), posixpath.dirname(beside)
    return (above or ".", posixpath.join(beside, "{stem}" + end)), (".", posixpath.join(folder, "{name}" + end))
