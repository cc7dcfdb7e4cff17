"""Whether the number is real: what leaks, what tells the label without listening, what is labelled wrongly."""

from typing import NamedTuple

#: What a finding may be of, in the order in which findings are listed.
CATEGORIES = ("split", "duplicates", "gap", "shortcut", "mislabels")


class Finding(NamedTuple):
    """One thing that a reader of the scores has to know: its category, one of CATEGORIES, and a plain sentence."""

    category: str
    text: str


def listed(names, most=5):
    """Names for a sentence: the first few, and how many more there are."""
    names = list(names)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(f"`{name}`" for name in names[:most]) + more
