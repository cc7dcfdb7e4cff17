"""The clips of a dataset that the package soundata has a loader for (Fuentes et al. 2022, https://soundata.readthedocs.io)."""

from functools import partial

from sourcewise.datasets.readers import _loaders
from sourcewise.datasets.readers._loaders import DatasetFile as DatasetFile

download = partial(_loaders.download, "soundata")
read = partial(_loaders.read, "soundata", ids="clip_ids", one="clip")
