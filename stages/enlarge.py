"""DVC stage `enlarge@<generator>`: the MFCC of generated clips, which a classifier has beside those of the real ones of
train."""

from sourcewise.core.command import run
from sourcewise.extraction.generated import extract_generated


def main(name):
    """Where the generator did not run, or makes no clips, this is handed on."""
    extract_generated(name)


if __name__ == "__main__":
    run(main)
