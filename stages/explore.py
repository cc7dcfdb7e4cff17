"""DVC stage `explore`: figures of the dataset and of a few train clips of each class, for the report."""

from sourcewise.core import params
from sourcewise.core.command import run
from sourcewise.core.paths import EXPLORED
from sourcewise.datasets.folds import Split
from sourcewise.datasets.task import Task
from sourcewise.eda.explore import ExploreParams, explore
from sourcewise.storage.files import fresh_folder


def main():
    """Write a file for each figure, and a list of them."""
    explore(Split.read().of_fold(0), Task.read(), params.load(ExploreParams, "explore"), fresh_folder(EXPLORED))


if __name__ == "__main__":
    run(main)
