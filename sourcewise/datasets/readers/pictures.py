"""Folders of pictures: label and source are read from the path of each file, as in `folder`.

Where it is unknown which pictures belong together (one animal, one photographer), each is its own source:
source: {pattern: '(.+)'}. A generator needs one class only: label: {table: {<folder>: face}}.
"""

from sourcewise.datasets import images
from sourcewise.datasets.readers import folder


class DatasetFile(folder.DatasetFile):
    """The keys of `folder`."""

    @property
    def modality(self):
        """As in the base."""
        return "pictures"


def read(root, keys):
    """Every picture below `root`, as Recordings. A file that a rule does not cover stops the run."""
    return folder.read(root, keys, suffixes=images.SUFFIXES, noun="pictures")
