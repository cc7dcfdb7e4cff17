"""Names of recordings that are made of several columns of a table, or begin with one."""

import posixpath
import re
from collections import Counter

import numpy as np

NAMED = 20  # rows for which names are sought
MADE = 5  # forms of names that are tried
LONG = 6  # characters of a value that need not stand between signs


def templates(table, files):
    """Texts for `columns.path` where no column holds a path, but names are made of columns: '{speaker}_{take}', or,
    with whatever follows, '{id}_*'. files: resolver.Paths. The most frequent first."""
    some = table.iloc[np.linspace(0, len(table) - 1, min(NAMED, len(table))).astype(int)]
    ids = sorted(table.columns, key=lambda name: -table[name].nunique())[:2]  # that few files' names can hold
    stems = [posixpath.splitext(posixpath.basename(file))[0] for file in files.files]
    forms = Counter()
    for _, row in some.iterrows():
        values = {name: value.strip() for name, value in row.items() if value.strip()}
        for name in ids:
            value = values.get(name, "").lstrip("0")
            made = {_form(stem, values) for stem in stems if value and value in stem}
            forms.update({form for form in made if f"{{{name}}}" in form})
    for form, n in list(forms.items()):
        start = re.fullmatch(r"(.*\}[_.-])[^{}]+", form)
        if start:
            forms[f"{start[1]}*"] += n
    return sorted(forms, key=lambda form: (-forms[form], form))[:MADE]


def _form(stem, values):
    """A name with the values of columns, the longest first, as the columns' names in curly brackets. Of a number,
    leading zeros do not matter."""
    pieces = [stem]
    for name, value in sorted(values.items(), key=lambda item: (-len(item[1]), item[0])):
        before = "" if len(value) >= LONG else r"(?<![^\W_])"
        value = rf"0*{int(value)}(?!\d)" if value.isdecimal() else re.escape(value)
        for k, piece in enumerate(pieces):
            at = None if k % 2 else re.search(rf"{before}{value}(?![^\W_])", piece)
            if at:
                pieces[k : k + 1] = [piece[: at.start()], f"{{{name}}}", piece[at.end() :]]
                break
    return "".join(pieces)


def found(table, text, files):
    """The path of the file that each row gives under a template; "" where it gives none, or several."""
    pieces = re.split(r"\{([^{}]*)\}", text) if "{" in text else ["", text, ""]
    texts = [
        "".join(row)
        for row in zip(*(table[p] if k % 2 else [p] * len(table) for k, p in enumerate(pieces)), strict=True)
    ]
    of = {value: files.find(value) for value in set(texts)}
    return [of[value][0] if len(of[value]) == 1 else "" for value in texts]
