"""Weights that somebody else trained: where they are, and which ones they are."""

import os
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import Field

from sourcewise.core import messages
from sourcewise.core.errors import NotRun, Stop
from sourcewise.core.params import Section
from sourcewise.core.paths import repository
from sourcewise.storage.archives import SCHEMES, Unusable, checksum, download

TIMEOUT_S = 5


class Weights(Section):
    """`weights` of an embedding.

    url: https, or file for a local copy; read where path is null. path: of a copy, absolute or relative to the
    repository. sha256: of that file, or of a folder as `archive.checksum` says; null takes whatever comes from url, and
    the checksum of what came is printed and stored with the embeddings. A copy needs it: the file is no dependency of
    the stage, and its checksum is.
    """

    url: str
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None
    path: str | None


class Found(NamedTuple):
    """Where weights lie, and their checksum."""

    path: Path
    sha256: str


def find(weights, where):
    """The weights, Found, downloaded where they have to be; `where` names their section in sentences.

    Raises NotRun where nothing is there and the network gives nothing, Stop where it is something else.
    """
    path = _local(weights, where) if weights.path is not None else _downloaded(weights, where)
    found = checksum(path)
    if weights.sha256 is None and weights.path is not None:
        raise Stop(f"with {where}.path, {where}.sha256 has to say which weights these are: set it to {found}")
    if weights.sha256 is None:
        messages.info(f"{path.name} has the sha256 {found}: set {where}.sha256 to take no other from now on")
    elif found != weights.sha256:
        cure = f"set {where}.sha256 to it if these are meant, else set path, or remove the file"
        raise Stop(f"{path} has the sha256 {found}, {where} says {weights.sha256}: {cure}")
    return Found(path, found)


def _local(weights, where):
    path = Path(os.path.normpath(repository() / Path(weights.path).expanduser()))
    if not path.exists():
        raise Stop(f"{where}.path is {weights.path!r}: there is no {path}")
    return path


def _downloaded(weights, where):
    if not weights.url.startswith(SCHEMES):
        raise Stop(f"{where}.url is {weights.url!r}: must start with https:// or file://")
    try:
        return download(weights.url, timeout_s=TIMEOUT_S)
    except Unusable as error:
        messages.info(f"{error}")  # the reason is part of results, and must not depend on how the network fails
        raise NotRun(f"no weights: {weights.url} cannot be read: set {where}.path to a copy of it") from None
