"""How a run ends when the user has to act: one sentence, no traceback; and what does not end it."""

import re
from difflib import get_close_matches


class Stop(SystemExit):
    """Raised with one sentence: what is wrong, where, what to do. Exits with status 1.

    `core.command.run` puts the name of the command in front of it.
    """

    def __init__(self, sentence):
        super().__init__(f"\nsourcewise: {sentence}\n")
        self.sentence = sentence


class NotRun(Exception):
    """A classifier, generator or feature cannot run on this dataset or machine; the message says why. Others run."""


def available(name, names):
    """The end of a sentence about an unknown name: the nearest right one, if any is near, and all of them."""
    names = list(names)
    folded = {text.casefold(): text for text in reversed(names)}
    near = get_close_matches(str(name).casefold(), folded, n=1)
    return f".{f' Did you mean {folded[near[0]]}?' if near else ''} Available: {', '.join(names) or 'none'}"


def named(names):
    """Names for a sentence: ten of them, and how many more there are."""
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return ", ".join(map(repr, names[:10])) + more


def count(n, noun, plural=None):
    """A number with its noun, "1 class", "2,000 copies"; plural: of an irregular noun."""
    regular = re.sub("(?<![aeiou])y$", "ie", noun) + "s"
    return f"{n:,} {noun if n == 1 else plural or regular}"
