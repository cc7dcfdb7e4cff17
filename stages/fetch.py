"""DVC stage `fetch`: the recordings of the chosen dataset, or a link to them, at data/raw/<dataset>; a folder of
noises.

The folder is the stage's output and `ingest`'s dependency, so DVC notices every change in it, wherever it lies; it is
not cached, since it can be made again.
"""

from sourcewise.core import params
from sourcewise.core.command import run
from sourcewise.datasets import dataset_file, fetch


def main():
    """What lies there by hand is never overwritten."""
    fetch.recordings(dataset_file.chosen())
    fetch.noises(params.load(str | None, "augment.background"))


if __name__ == "__main__":
    run(main)
