"""Checks of whether scores can be trusted: the split, duplicates, leakage, shortcuts, label errors."""

from typing import NamedTuple

#: The categories of findings, in the order in which findings are listed.
CATEGORIES = ("split", "duplicates", "sound", "gap", "shortcut", "mislabels")


class Finding(NamedTuple):
    """One thing that a reader of the scores has to know: its category, one of CATEGORIES, and a sentence."""

    category: str
    text: str


def listed(names, most=5):
    """Names for a sentence: the first few, and how many more there are."""
    names = list(names)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(f"`{name}`" for name in names[:most]) + more
