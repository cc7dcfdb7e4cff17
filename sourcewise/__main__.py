"""What people type beside `dvc`: python -m sourcewise COMMAND, with --help for each.

propose    a dataset file for your own recordings
predict    what a trained classifier predicts for any recordings
app        a page on this machine to drop a sound on
review     what differs from another commit, in Markdown
folds      the comparison over all folds of a cross-validation
"""

import argparse
import sys
from importlib import import_module

from sourcewise.core import command

#: A module has `arguments(parser)`, and `main` with a parameter for each; what main returns is the exit status.
COMMANDS = {
    "propose": "sourcewise.datasets.propose.command",
    "predict": "sourcewise.inference.predict",
    "app": "sourcewise.inference.app",
    "review": "sourcewise.report.review",
    "folds": "sourcewise.report.folds",
}


def main():
    """Only the module that is asked for is imported."""
    raw = argparse.RawDescriptionHelpFormatter
    every = argparse.ArgumentParser(prog="python -m sourcewise", description=__doc__, formatter_class=raw)
    every.add_argument("command", choices=COMMANDS, metavar="COMMAND")
    every.add_argument("arguments", nargs=argparse.REMAINDER, metavar="...")
    asked = every.parse_args()
    module = import_module(COMMANDS[asked.command])
    parser = argparse.ArgumentParser(
        prog=f"python -m sourcewise {asked.command}", description=module.__doc__, formatter_class=raw
    )
    module.arguments(parser)
    return command.call(module.main, asked.command, vars(parser.parse_args(asked.arguments)))


if __name__ == "__main__":
    sys.exit(main())
