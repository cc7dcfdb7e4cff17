"""Names that may mean the same: sources 1 and 01, classes Dog and dog."""

import re
import unicodedata
from collections import defaultdict


def twins(names):
    """Groups of names, each sorted, that differ only in case, width, blanks, hyphens, underscores or leading zeros."""
    groups = defaultdict(set)
    for name in names:
        groups[_plain(name)].add(name)
    return sorted(sorted(group) for group in groups.values() if len(group) > 1)


def sentence(names, noun, most=5):
    """A warning about the twins among names, None where there are none. noun: what they are, in the plural."""
    found = twins(names)
    if not found:
        return None
    shown = ", ".join(" and ".join(map(repr, group)) for group in found[:most])
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return (
        f"{noun} that differ only in case, blanks, signs or leading zeros: {shown}{more}: where they are the same, "
        "write them alike, or they count as different"
    )


def _plain(name):
    text = unicodedata.normalize("NFKC", name).casefold()
    text = re.sub(r"[\s_-]+", " ", text).strip()
    return re.sub(r"\d+", lambda digits: digits.group().lstrip("0") or "0", text)
