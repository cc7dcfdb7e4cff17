"""What a command tells while it works: lines on standard output that begin with the command's name."""

import sys
from contextlib import contextmanager
from contextvars import ContextVar

_command = ContextVar("command", default="")


@contextmanager
def of_command(name):
    """Within this, messages begin with `name: `."""
    token = _command.set(name)
    try:
        yield
    finally:
        _command.reset(token)


def prefixed(text):
    """A text as messages have it."""
    name = _command.get()
    return f"{name}: {text}" if name else text


def info(text):
    """Tell of something that went as it should."""
    print(prefixed(text), flush=True)


def warn(text):
    """Tell of something that the user should know and that stops nothing."""
    print(prefixed(f"WARNING: {text}"), file=sys.stderr, flush=True)
