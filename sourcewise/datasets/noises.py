"""Recordings of noise: their paths and samples."""

from functools import partial

import numpy as np

from sourcewise.audio.decode import Unreadable, decode
from sourcewise.compute.parallel import each
from sourcewise.core.errors import Stop
from sourcewise.core.formats import SUFFIXES
from sourcewise.storage.files import Ragged, writer


def paths(folder):
    """The sound files in a folder, sorted."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)


def decoded(files, folder, *, sr, stage):
    """The recordings decoded to `folder`, a Ragged of int16; one that cannot be decoded stops the stage."""
    with writer(folder, np.int16) as append:
        for path, y in zip(files, each(partial(_decoded, sr), files, title="noise", unit="file"), strict=True):
            if isinstance(y, Unreadable):
                raise Stop(f"{stage}: the noise {path} {y}: remove it from the folder")
            append(y)
    return Ragged.open(folder)


def _decoded(sr, path):
    try:
        return decode(path, sr=sr)[0]
    except Unreadable as reason:
        return reason
