"""The tracks of a dataset that the package mirdata has a loader for (Bittner et al. 2019, https://mirdata.readthedocs.io)."""

from functools import partial

from sourcewise.datasets.readers import _loaders
from sourcewise.datasets.readers._loaders import DatasetFile as DatasetFile

download = partial(_loaders.download, "mirdata")
read = partial(_loaders.read, "mirdata", ids="track_ids", one="track")
