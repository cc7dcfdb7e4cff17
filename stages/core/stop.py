"""The way a run ends when the user has to act: one sentence, no traceback."""


class Stop(SystemExit):
    """Raised with one sentence: what is wrong, where, what to do. Exits with status 1."""

    def __init__(self, sentence):
        super().__init__(f"\nsourcewise: {sentence}\n")


class NotRun(Exception):
    """A classifier cannot run on this corpus or machine; the message says why. The others do."""
