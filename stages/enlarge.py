"""DVC stage `enlarge@<generator>`: the MFCC of generated clips, which a classifier trains on in addition to the real
clips of train."""

from sourcewise.core.command import run
from sourcewise.extraction.generated import extract_generated


def main(name):
    """If the generator did not run, or makes no clips, the reason is passed on."""
    extract_generated(name)


if __name__ == "__main__":
    run(main)
