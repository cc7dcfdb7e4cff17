"""A proposal as YAML, and names for messages."""

import json
import re

WIDTH = 44  # of a line before its comment
NAMES = 5  # that are shown


def yaml(value):
    """A value on one line."""
    if value is None:
        return "null"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {yaml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(yaml, value)) + "]"
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", value) and value.lower() not in ("null", "true", "false", "yes", "no"):
        return value
    return "'" + value.replace("'", "''") + "'" if value.isprintable() else json.dumps(value)


def lines_of(keys):
    """The lines of a dataset file: of {key, dotted where nested: (value, comment)}."""
    lines, inside = [], None
    for key, (value, comment) in keys.items():
        section, _, last = key.rpartition(".")
        if section and section != inside:
            lines.append(f"{section}:")
        inside = section
        line = f"{'  ' * bool(section)}{last}: {yaml(value)}"
        lines.append(f"{line:{WIDTH}} # {one_line(comment)}" if comment else line)
    return lines


def some(names):
    """The first of many names, for a sentence."""
    names = [one_line(name) for name in names]
    return ", ".join(names[:NAMES]) + (", ..." if len(names) > NAMES else "")


def one_line(text):
    """A text with unprintable characters as question marks."""
    return "".join(sign if sign.isprintable() else "?" for sign in str(text))
