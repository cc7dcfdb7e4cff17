"""The decoded clips, as the manifest lists them."""

from stages.core.storage import CLIPS, Ragged


def waves(table):
    """The clips of these rows of the manifest, int16, in their order; segments of one recording may overlap."""
    starts = table["start"].to_numpy()
    return Ragged.open(CLIPS).between(starts, starts + table["n_samples"].to_numpy())
