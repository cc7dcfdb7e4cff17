"""Recordings in a folder, and the names of the files that annotate each of them."""

import os
import posixpath

from sourcewise.core.errors import Stop
from sourcewise.core.formats import SUFFIXES
from sourcewise.core.paths import escapes
from sourcewise.datasets import resolver


def recordings(root, sounds, suffixes=SUFFIXES):
    """The paths of all files with these suffixes below the folder `sounds`, relative to the dataset's folder `root`."""
    below = root / sounds
    if escapes(below, root) or not below.is_dir():
        raise Stop(f"dataset file: sounds is {sounds!r}: there is no such folder in {root}")
    paths = resolver.listing(below, suffixes).files
    return [posixpath.normpath(posixpath.join(sounds, path)) for path in paths]


def per_recording(text):
    """Whether a text of a dataset file names one file for each recording."""
    return "{stem}" in text or "{name}" in text


def name(text, path, sounds):
    """The text for one recording: {stem} is its path below `sounds` without the suffix, {name} the last part."""
    stem = os.path.splitext(posixpath.relpath(path, posixpath.normpath(sounds)))[0]
    return text.replace("{stem}", stem).replace("{name}", posixpath.basename(stem))
