"""Folders of pictures: label and source stand in the path of each file, as with recordings in `folder`.

Where nobody knows which pictures belong together (one animal, one photographer), each is its own source:
source: {pattern: '(.+)'}. Faces to be generated need no more than one class: label: {table: {<folder>: face}}.
"""

from sourcewise.datasets import images
from sourcewise.datasets.readers import folder


class DatasetFile(folder.DatasetFile):
    """The keys of `folder`."""

    @property
    def modality(self):
        """As in the base."""
        return "pictures"


def read(root, card):
    """Every picture below `root`, as Recordings. A file that a rule does not cover stops the run."""
    return folder.read(root, card, suffixes=images.SUFFIXES, what="pictures")
