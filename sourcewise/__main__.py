"""The commands besides `dvc`: python -m sourcewise COMMAND; each has --help.

propose    a dataset file for your own recordings
predict    what a trained classifier predicts for any recordings
app        a local page that predicts for sounds dropped on it
weights    the pretrained networks' weights: shown, downloaded, checked
review     the differences from another commit, in Markdown
"""

import argparse
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
    raw = argparse.RawDescriptionHelpFormatter
    commands = argparse.ArgumentParser(prog="python -m sourcewise", description=__doc__, formatter_class=raw)
    commands.add_argument("command", choices=COMMANDS, metavar="COMMAND")
    commands.add_argument("arguments", nargs=argparse.REMAINDER, metavar="...")
    chosen = commands.parse_args()
    module = import_module(COMMANDS[chosen.command])
    parser = argparse.ArgumentParser(
        prog=f"python -m sourcewise {chosen.command}", description=module.__doc__, formatter_class=raw
    )
    module.arguments(parser)
    return command.call(module.main, chosen.command, vars(parser.parse_args(chosen.arguments)))


if __name__ == "__main__":
    sys.exit(main())
