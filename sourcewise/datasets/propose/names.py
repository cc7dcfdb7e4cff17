"""The parts of files' paths, each with the rule by which the reader `folder` reads it."""

import re
from itertools import takewhile

from sourcewise.datasets.propose.parts import Part, distinct

SIGNS = "_-. "  # between the parts of a name


def parts(paths):
    """Every Part that all paths have: first folders, from the top down, then parts of the names, from left to right.

    A name is split at the signs that occur in every name; then come the text before its first digit, and its numbers.
    """
    rules = [*_folders(paths), *_split_names(paths), *_texts_and_numbers(paths)]
    return distinct(Part.of(rule, kind, names, ends) for rule, kind, ends in rules if (names := _read(paths, rule)))


def _read(paths, rule):
    """The name of every path under a rule; None where any path has none."""
    if rule == "parent":
        return [path.rsplit("/", 2)[-2] for path in paths]
    search = re.compile(rule).search
    names = [match.group(1) for match in takewhile(bool, map(search, paths))]
    return names if len(names) == len(paths) and "|" not in "".join(names) else None


def _folders(paths):
    depths = {path.count("/") for path in paths}
    least, alike = min(depths), len(depths) == 1
    for depth in range(least - alike):
        yield "^" + "[^/]+/" * depth + "([^/]+)/", "folder", False
    if least:
        yield "parent", "folder", False


def _split_names(paths):
    stems = _stems(paths)
    signs = "".join(sign for sign in SIGNS if all(sign in stem.strip(SIGNS) for stem in stems))
    if not signs:
        return
    sign = _class(signs) if len(signs) > 1 else signs.replace(".", r"\.")
    sign += "+" * any(re.search(f"{sign}{sign}", stem) for stem in stems)
    other, start, end = _class(signs, but=True, folders=_end(paths) != ""), _start(paths), _end(paths)
    counts = {len(re.split(sign, stem.strip(SIGNS))) for stem in stems}
    for k in range(min(counts) - 1):
        yield f"{start}{f'{other}+{sign}' * k}({other}+){sign}{end}", "name", False
    if len(counts) > 1:
        for k in range(min(counts) - 1, 0, -1):
            yield rf"({other}+){f'{sign}{other}+' * k}\.[^/.]+$", "name", False
    yield rf"{sign}({other}+)\.[^/.]+$", "name", True


def _texts_and_numbers(paths):
    start, end, stems = _start(paths), _end(paths), _stems(paths)
    yield rf"{start}([^/\d]*[^\W\d_]){end}", "name", False
    n = min(len(re.findall(r"\d+", stem)) for stem in stems)
    for k in range(n):
        yield rf"{start}[^/\d]*" + r"\d+[^/\d]+" * k + rf"(\d+){end}", "name", k == n - 1


def _stems(paths):
    return [path.rsplit("/", 1)[-1].rsplit(".", 1)[0] for path in paths]


def _start(paths):
    """The start of a pattern: where the file's name begins."""
    inside = {"/" in path for path in paths}
    return "(?:^|/)" if len(inside) > 1 else "/" if inside.pop() else "^"


def _end(paths):
    """The end of a pattern: that no folder may follow, where there are any."""
    return "[^/]*$" if any("/" in path for path in paths) else ""


def _class(signs, *, but=False, folders=False):
    """A character class: one of these signs, or none of them; a hyphen comes last."""
    return f"[{'^' * but}{'/' * folders}{''.join(sorted(signs, key=lambda sign: sign == '-'))}]"
