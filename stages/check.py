"""DVC stage `check`: checks every section of params.yaml and the dataset file before any work is done."""

from sourcewise.configuration import check, read_generators
from sourcewise.core.command import run
from sourcewise.core.paths import CHECKED, PER_FOLD
from sourcewise.storage.files import write_text


def main():
    """Stop at the first error; write the list of the checked sections, and of the generators to be trained for each
    fold."""
    write_text(CHECKED, "".join(f"{key}\n" for key in check()))
    write_text(PER_FOLD, "".join(f"{name}\n" for name in read_generators()))


if __name__ == "__main__":
    run(main)
