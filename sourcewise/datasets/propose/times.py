"""The columns of a table that hold times: of events, or of the parts that recordings are cut into."""

import itertools
import re

import pandas as pd

from sourcewise.datasets import tables
from sourcewise.datasets.propose.columns import are_numbers
from sourcewise.datasets.propose.parts import Part

ONSETS, OFFSETS = ("onset", "start", "begin", "from"), ("offset", "end", "stop", "finish", "to")
DURATIONS = ("duration", "length", "delta", "dur")
#: Titles of lists of events, of which several may be in a recording at once; `segment_id` is AudioSet's.
EVENTS = ("onset", "event", "annotation", "selection", "begin", "segmentid")
TOGETHER_S = 0.02  # by which a segment may begin before the last one of its file ends, as times are rounded


def of(table):
    """{key of the event list's columns: column} of onset and offset or duration; {} where the table has none.

    Raven counts `Begin Time (s)` through all files of a sequence; its `File Offset (s)` is the onset in the file.
    """
    if any("slice" in name.lower() for name in table.columns):
        return {}  # UrbanSound8K's times are those in the recordings that its files were cut from
    numeric = [n for n in table.columns if are_numbers([v for v in table[n] if v != ""]) or tables.is_clock(table[n])]
    words = {name: Part.of(name, "column", table[name]) for name in numeric}
    onset = [name for name in numeric if words[name].rank(ONSETS) is not None]
    in_file = [name for name in numeric if re.fullmatch(r"file.?offset.*", name, re.IGNORECASE)]
    offset = [name for name in numeric if words[name].rank(OFFSETS) is not None and name not in in_file]
    duration = [name for name in numeric if words[name].rank(DURATIONS) is not None]
    if in_file and duration:
        return {"onset": in_file[0], "duration": duration[0]}
    if onset and offset:
        return {"onset": onset[0], "offset": offset[0]}
    if onset and duration:
        return {"onset": onset[0], "duration": duration[0]}
    for first, second in itertools.pairwise(table.columns):
        if {first, second} <= set(numeric) and first.startswith("column ") and second.startswith("column "):
            low, high = (pd.to_numeric(tables.with_points(table[name])) for name in (first, second))
            if ((low >= 0) & (low < high)).all():
                return {"onset": first, "offset": second}
    return {}


def are_segments(table, found, times, is_titled):
    """Whether the rows are parts of recordings, one class each, not events: the titles are not those of lists of
    events, and rows of one file do not overlap, or all last equally long. found: the file of each row, or ""."""
    words = [Part.of(name, "column", table[name]) for name in table.columns]
    if not is_titled or any(word.rank(EVENTS) is not None for word in words):
        return False
    start, end = spans(table, times)
    spans_of = (
        pd.DataFrame({"file": found, "start": start, "end": end}).drop_duplicates().sort_values(["file", "start"])
    )
    begin_before = spans_of["start"] < spans_of.groupby("file")["end"].shift() - TOGETHER_S
    last_s = spans_of["end"] - spans_of["start"]
    return not begin_before.any() or bool(last_s.max() - last_s.min() < TOGETHER_S)


def spans(table, times):
    """Start and end of each row as written, (n_rows,) each; NaN where a row has none."""
    start, end = (tables.seconds(table[name]).to_numpy() for name in times.values())
    return start, start + end if "duration" in times else end
