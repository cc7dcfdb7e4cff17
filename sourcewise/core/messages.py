"""The messages of a command while it runs: lines that begin with the command's name."""

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
    """A text with the name of the command in front of it."""
    name = _command.get()
    return f"{name}: {text}" if name else text


def info(text):
    """Print an expected event on standard output."""
    print(prefixed(text), flush=True)


def warn(text):
    """Print a problem that does not stop the run on standard error."""
    print(prefixed(f"WARNING: {text}"), file=sys.stderr, flush=True)
