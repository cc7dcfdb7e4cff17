"""Checks of whether scores can be trusted: the split, duplicates, leakage, shortcuts, label errors."""

from typing import NamedTuple

#: The categories of findings, in the order in which findings are listed.
CATEGORIES = ("split", "duplicates", "sound", "gap", "shortcut", "mislabels")


#: The most findings shown at once, those worth most; the rest are folded, or stand in metrics/audit.json alone.
SHOWN = 5


class Finding(NamedTuple):
    """One thing that a reader of the scores has to know: its category, one of CATEGORIES, and a sentence.

    worth: the most that it could account for, 0 to 1: the share of test clips that leak, of labels that are suspected,
    the accuracy that a random split gains, the balanced accuracy of a single number above chance (for classes alone:
    over all classes). Findings are ranked by it.
    """

    category: str
    text: str
    worth: float = 0.0


def listed(names, most=5):
    """Names for a sentence: the first few, and how many more there are."""
    names = list(names)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(f"`{name}`" for name in names[:most]) + more
