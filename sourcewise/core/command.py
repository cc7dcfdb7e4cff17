"""A script as a command: its arguments, --help, and one sentence when an input is missing, the disk is full or a
folder is not writable."""

import argparse
import errno
import inspect
import shutil
from traceback import clear_frames

from sourcewise.core import messages
from sourcewise.core.errors import Stop

FULL_BYTES = 1_000_000
#: An entry for the example of a stage that takes one.
ENTRIES = {"train": "svm", "extract": "mfcc", "embed": "yamnet", "denoise": "mask", "generate": "dcgan"}


def run(main):
    """Call main with the command line's arguments, one for each of its parameters; those with a default may be left
    out. Messages and errors get the name of its module."""
    module = inspect.getmodule(main)
    parser = argparse.ArgumentParser(
        prog=f"python -m {module.__spec__.name}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=_example(module.__spec__.name.rpartition(".")[2]),
    )
    for name, parameter in inspect.signature(main).parameters.items():
        optional = {} if parameter.default is parameter.empty else {"nargs": "?"}
        parser.add_argument(name, help="as in params.yaml", **optional)
    arguments = vars(parser.parse_args())
    call(main, module.__spec__.name.rpartition(".")[2], arguments)


def _example(stage):
    entry = ENTRIES.get(stage)
    script = f"python -m stages.{stage}{f' {entry}' if entry else ''}"
    return f"example: dvc repro {stage}{f'@{entry}' if entry else ''}, which runs {script} where something has changed"


def call(main, name, arguments):
    """What main(**arguments) returns; `name` stands before its messages and errors."""
    with messages.of_command(name):
        try:
            return main(**arguments)
        except Stop as error:
            raise Stop(messages.prefixed(error.sentence)) from error.__cause__
        except FileNotFoundError as error:
            if error.filename is None:
                raise
            missing = f"{error.filename} does not exist: `dvc repro` makes what this stage reads"
            raise Stop(messages.prefixed(missing)) from error
        except (OSError, RuntimeError) as error:
            sentence = _disk_error(error)
            if sentence is None:
                raise
            clear_frames(
                error.__traceback__
            )  # closes open generators, so that what they print comes before the sentence
            raise Stop(messages.prefixed(sentence)) from error


def _disk_error(error):
    """A sentence if the disk is the cause, else None. numpy sets no error number, libsndfile raises its own errors."""
    number = getattr(error, "errno", None)
    if number in (errno.ENOSPC, errno.EDQUOT) or (number is None and shutil.disk_usage(".").free < FULL_BYTES):
        return "the disk is full: make room, then `dvc repro` goes on from here"
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"{error.filename or 'a file'}: {error.strerror.lower()}: grant yourself write permission, then `dvc repro`"
        )
    return None
