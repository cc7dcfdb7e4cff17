"""DVC stage `generate@<name>`: one generator, trained on train clips; its samples as images and sound, their scores and
their MFCC, which a classifier trains on in addition to those of real clips."""

from sourcewise.core.command import run
from sourcewise.extraction.generated import extract_generated
from sourcewise.models import ready


def main(name):
    """Takes the result of `train_in_parallel`, or trains: once, or where classifiers train on its clips once for each
    fold. A generator that cannot run writes why, and the others run."""
    ready.take("generate", name)
    extract_generated(name)


if __name__ == "__main__":
    run(main)
