"""The clips of a dataset that the package soundata has a loader for (Fuentes et al. 2022, https://soundata.readthedocs.io)."""

from functools import partial

from stages.readers import _loaders
from stages.readers._loaders import Card as Card

download = partial(_loaders.download, "soundata")
read = partial(_loaders.read, "soundata", ids="clip_ids", one="clip")
