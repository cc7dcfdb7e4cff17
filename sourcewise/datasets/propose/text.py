"""What a proposal says, to people and as YAML."""

import json
import re

WIDTH = 44  # of a line of a card before its comment
NAMES = 5  # that are shown of many


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


def card(keys):
    """The lines of a card: {key, with a dot where it stands in another: (value, comment)}."""
    lines, inside = [], None
    for key, (value, comment) in keys.items():
        section, _, last = key.rpartition(".")
        if section and section != inside:
            lines.append(f"{section}:")
        inside = section
        said = f"{'  ' * bool(section)}{last}: {yaml(value)}"
        lines.append(f"{said:{WIDTH}} # {one_line(comment)}" if comment else said)
    return lines


def some(names):
    """A few of many names, in words."""
    names = [one_line(name) for name in names]
    return ", ".join(names[:NAMES]) + (", ..." if len(names) > NAMES else "")


def one_line(text):
    """Without signs that a line cannot hold."""
    return "".join(sign if sign.isprintable() else "?" for sign in str(text))
