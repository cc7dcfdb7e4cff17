"""The clips of a dataset that the package soundata has a loader for (Fuentes et al. 2022, https://soundata.readthedocs.io)."""

from functools import partial

from sourcewise.datasets import loaders
from sourcewise.datasets.loaders import DatasetFile as DatasetFile

download = partial(loaders.download, "soundata")
read = partial(loaders.read, "soundata", ids="clip_ids", load_one="clip")
