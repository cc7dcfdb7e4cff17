"""The way a run ends when the user has to act: one sentence, no traceback."""


class Stop(SystemExit):
    """Raised with one sentence: what is wrong, where, what to do. Exits with status 1."""

    def __init__(self, sentence):
        super().__init__(f"\nsourcewise: {sentence}\n")


def named(names):
    """Names for such a sentence: ten of them, and how many more there are."""
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return ", ".join(map(repr, names[:10])) + more


class NotRun(Exception):
    """A classifier cannot run on this corpus or machine; the message says why. The others do."""
