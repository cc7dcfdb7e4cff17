"""DVC stage `fetch`: the recordings of the chosen dataset, or a link to them, at data/raw/<dataset>; those of the
datasets that it names as `external`; the folder of noises.

The folder is the stage's output and a dependency of `ingest`, so DVC notices every change in it, wherever the link
leads; DVC does not cache it, since it can be fetched again.
"""

from sourcewise.core import params
from sourcewise.core.command import run
from sourcewise.datasets import dataset_file, fetch


def main():
    """Files put there by hand are never overwritten."""
    fetch.recordings(dataset_file.chosen())
    fetch.external(dataset_file.chosen())
    fetch.noises(params.load(str | None, "augment.background"))


if __name__ == "__main__":
    run(main)
