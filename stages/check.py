"""DVC stage `check`: checks every section of params.yaml and the dataset file before any work is done."""

from sourcewise.configuration import check
from sourcewise.core.command import run
from sourcewise.core.paths import CHECKED
from sourcewise.storage.files import write_text


def main():
    """Stop at the first error; the stage's output is the list of the checked sections."""
    write_text(CHECKED, "".join(f"{key}\n" for key in check()))


if __name__ == "__main__":
    run(main)
