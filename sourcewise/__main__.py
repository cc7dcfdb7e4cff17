"""The commands besides `dvc`, as in: python -m sourcewise propose data/raw/birds. Each has --help.

propose    a dataset file for your own recordings
predict    what a trained classifier predicts for any recordings
app        a local page that predicts for sounds dropped on it
weights    the pretrained networks' weights: shown, downloaded, checked
review     the differences from another commit, in Markdown
"""

import argparse
import os
import sys
from importlib import import_module

from sourcewise.core import command

#: Each module has `arguments(parser)`, and `main` with a parameter for each argument, which returns the exit status.
COMMANDS = {
    "propose": "sourcewise.datasets.propose.command",
    "predict": "sourcewise.inference.predict",
    "app": "sourcewise.inference.app",
    "weights": "sourcewise.models.weights",
    "review": "sourcewise.report.review",
}


def main():
    """Run a command; only its module is imported."""
    commands = argparse.ArgumentParser(
        prog="python -m sourcewise", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands.add_argument("command", choices=COMMANDS, metavar="COMMAND")
    commands.add_argument("arguments", nargs=argparse.REMAINDER, metavar="...")
    chosen = commands.parse_args()
    asked = parser(chosen.command).parse_args(chosen.arguments)
    try:
        status = command.call(import_module(COMMANDS[chosen.command]).main, chosen.command, vars(asked))
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # what was printed into, such as head, has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def parser(name):
    """The parser of a command's arguments; its help is the docstring of the module."""
    module = import_module(COMMANDS[name])
    found = argparse.ArgumentParser(
        prog=f"python -m sourcewise {name}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.arguments(found)
    return found


if __name__ == "__main__":
    sys.exit(main())
