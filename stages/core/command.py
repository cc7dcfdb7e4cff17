"""A stage's script as a command: its arguments, --help, and one sentence where an input is missing."""

import argparse
import inspect

from stages.core.stop import Stop


def run(main):
    """Call main with the command line's arguments, one for each of its parameters; those with a
    default may be left out."""
    module = inspect.getmodule(main)
    parser = argparse.ArgumentParser(
        prog=f"python -m {module.__spec__.name}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for name, parameter in inspect.signature(main).parameters.items():
        optional = {} if parameter.default is parameter.empty else {"nargs": "?"}
        parser.add_argument(name, help="as in params.yaml", **optional)
    try:
        main(**vars(parser.parse_args()))
    except FileNotFoundError as error:
        if error.filename is None:
            raise
        raise Stop(f"{error.filename} does not exist: `dvc repro` makes what this stage reads") from error
