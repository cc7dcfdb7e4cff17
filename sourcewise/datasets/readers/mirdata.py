"""The tracks of a dataset that the package mirdata has a loader for (Bittner et al. 2019, https://mirdata.readthedocs.io)."""

from functools import partial

from sourcewise.datasets import loaders
from sourcewise.datasets.loaders import DatasetFile as DatasetFile

download = partial(loaders.download, "mirdata")
read = partial(loaders.read, "mirdata", ids="track_ids", load_one="track")
