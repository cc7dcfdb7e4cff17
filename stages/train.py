"""DVC stage `train@<name>`: one classifier, fitted on train, stored, read back, and used to predict probabilities."""

from sourcewise.core.command import run
from sourcewise.models import ready


def main(name):
    """Takes the result of `train_in_parallel`, or trains."""
    ready.take("train", name)


if __name__ == "__main__":
    run(main)
