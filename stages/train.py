"""DVC stage `train@<name>`: one classifier, fitted on train, stored, read back, and asked for probabilities."""

from sourcewise.core.command import run
from sourcewise.models import training


def main(name):
    """What `train_in_parallel` left ready is taken."""
    training.train(name)


if __name__ == "__main__":
    run(main)
