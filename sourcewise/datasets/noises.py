"""The folder of noises: its recordings, decoded."""

from functools import partial

import numpy as np

from sourcewise.audio.decode import SUFFIXES, Unreadable, decode
from sourcewise.compute.parallel import each
from sourcewise.core.errors import Stop
from sourcewise.storage.files import Ragged, writer


def paths(place):
    """The sound files in a folder, sorted."""
    return sorted(path for path in place.rglob("*") if path.suffix.lower() in SUFFIXES)


def decoded(files, folder, *, sr, stage):
    """The recordings, memory-mapped int16, written to `folder`; one that gives no sound stops the stage."""
    with writer(folder, np.int16) as append:
        for path, y in zip(files, each(partial(_decoded, sr), files, what="noise", unit="file"), strict=True):
            if isinstance(y, Unreadable):
                raise Stop(f"{stage}: the noise {path} {y}: take it out of the folder")
            append(y)
    return Ragged.open(folder)


def _decoded(sr, path):
    try:
        return decode(path, sr=sr)[0]
    except Unreadable as reason:
        return reason
