"""A stage's script as a command: its arguments, --help, and one sentence where an input is missing, the disk is full or
a folder is not ours to write."""

import argparse
import errno
import inspect
import shutil
from traceback import clear_frames

from stages.core.stop import Stop

FULL_BYTES = 1_000_000


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
    except (OSError, RuntimeError) as error:
        sentence = _of_the_disk(error)
        if sentence is None:
            raise
        clear_frames(error.__traceback__)  # what generators say as they end comes before the sentence, not at the exit
        raise Stop(f"{module.__spec__.name.removeprefix('stages.')}: {sentence}") from error


def _of_the_disk(error):
    """A sentence where the disk is the reason, None elsewhere. numpy gives no number, libsndfile raises errors of its
    own."""
    number = getattr(error, "errno", None)
    if number in (errno.ENOSPC, errno.EDQUOT) or (number is None and shutil.disk_usage(".").free < FULL_BYTES):
        return "the disk is full: make room, then `dvc repro` goes on from here"
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{error.filename or 'a file'}: {error.strerror.lower()}: give yourself the right to, then `dvc repro`"
    return None
