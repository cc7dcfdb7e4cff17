"""Recordings in a folder, and the files that say of each of them what is heard in it."""

import os
import posixpath

from sourcewise.audio.decode import SUFFIXES
from sourcewise.core.errors import Stop
from sourcewise.core.paths import escapes
from sourcewise.datasets.readers import folder


def recordings(root, sounds, suffixes=SUFFIXES):
    """The paths of all files with these suffixes below the folder `sounds` of a dataset, relative to the dataset's."""
    place = root / sounds
    if escapes(place, root) or not place.is_dir():
        raise Stop(f"dataset file: sounds is {sounds!r}: there is no such folder in {root}")
    paths, _ = folder.files(place, suffixes)
    return [posixpath.normpath(posixpath.join(sounds, path)) for path in paths]


def one_each(text):
    """Whether a card's text names a file for each recording."""
    return "{stem}" in text or "{name}" in text


def name(text, path, sounds):
    """Such a text for one recording: {stem} is its path below `sounds` without its suffix, {name} the last part."""
    stem = os.path.splitext(posixpath.relpath(path, posixpath.normpath(sounds)))[0]
    return text.replace("{stem}", stem).replace("{name}", posixpath.basename(stem))
