"""A proposal as YAML, and names for messages."""

import json
import os
import re
from collections import Counter

from sourcewise.core.errors import count

WIDTH = 44  # of a line before its comment
NAMES = 5  # that are shown


def yaml(value):
    """A value on one line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{yaml(key)}: {yaml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(yaml, value)) + "]"
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", value) and value.lower() not in ("null", "true", "false", "yes", "no"):
        return value
    return "'" + value.replace("'", "''") + "'" if value.isprintable() else json.dumps(value)


def lines_of(keys):
    """The lines of a dataset file: of {key, dotted where nested: (value, comment)}."""
    lines, inside = [], None
    first = list(dict.fromkeys(key.partition(".")[0] for key in keys))
    for key, (value, comment) in sorted(keys.items(), key=lambda item: first.index(item[0].partition(".")[0])):
        section, last = nested(key)
        if section and section != inside:
            lines.append(f"{section}:")
        inside = section
        line = f"{'  ' * bool(section)}{yaml(last)}: {yaml(value)}"
        lines.append(f"{line:{WIDTH}} # {one_line(comment)}" if comment else line)
    return lines


def nested(key):
    """(the section of a key, "" for none; its name there)."""
    section, dot, last = key.partition(".")
    return (section, last) if dot else ("", key)


def some(names):
    """The first of many names, for a sentence."""
    names = [one_line(name) for name in names]
    return ", ".join(names[:NAMES]) + (", ..." if len(names) > NAMES else "")


def one_line(text):
    """A text with unprintable characters as question marks."""
    return "".join(sign if sign.isprintable() else "?" for sign in str(text))


def kinds(files):
    """How many files of which kinds, "12 PDF files and 1 other file", the most frequent first."""
    suffixes = Counter(os.path.splitext(name)[1].lstrip(".").upper() for name in files)
    rest = suffixes.pop("", 0)
    texts = [count(n, f"{suffix} file") for suffix, n in sorted(suffixes.items(), key=lambda item: (-item[1], item[0]))]
    texts += [count(rest, "other file")] * (rest > 0)
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts or ["nothing"])
