"""Pretrained weights: locating, downloading and checking them."""

import os
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import Field, model_validator

from sourcewise.core import messages
from sourcewise.core.errors import NotRun, Stop
from sourcewise.core.params import Section
from sourcewise.core.paths import repository
from sourcewise.storage.archives import SCHEMES, Unusable, checksum, download

TIMEOUT_S = 5


class Weights(Section):
    """`weights` of an embedding.

    url: https, or file for a local copy; read where path is null, and may be left out where it is not. path: of a copy,
    absolute or relative to the repository. sha256: of that file, or of a folder as `archives.checksum` computes it;
    null accepts whatever url serves, whose checksum is printed and stored with the embeddings. A copy needs it: the
    stage depends on the checksum, not on the file.
    """

    url: str | None = None
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None
    path: str | None

    @model_validator(mode="after")
    def _somewhere(self):
        if self.url is None and self.path is None:
            raise ValueError("must have a url or a path")
        return self


class LocalWeights(NamedTuple):
    """The path of weights on this machine, and their checksum."""

    path: Path
    sha256: str


def find(weights, where):
    """The LocalWeights, downloaded if necessary; `where` names their section in messages.

    Raises NotRun if they cannot be downloaded, Stop if their checksum is another.
    """
    path = _local(weights, where) if weights.path is not None else _downloaded(weights, where)
    digest = checksum(path)
    if weights.sha256 is None and weights.path is not None:
        raise Stop(f"with {where}.path, {where}.sha256 is required: set it to {digest}")
    if weights.sha256 is None:
        messages.info(f"{path.name} has the sha256 {digest}: set {where}.sha256 to accept no other from now on")
    elif digest != weights.sha256:
        cure = f"set {where}.sha256 to it if these are the right weights, else set path, or remove the file"
        raise Stop(f"{path} has the sha256 {digest}, {where} says {weights.sha256}: {cure}")
    return LocalWeights(path, digest)


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
        messages.info(f"{error}")  # NotRun's reason is part of results, and must not depend on how the network fails
        raise NotRun(f"no weights: {weights.url} cannot be read: set {where}.path to a copy of it") from None


def read_layers(path, network):
    """{layer: its weights, in Keras' order} in an HDF5 file that Keras 1 or 2 wrote. Raises Stop, with the name of the
    network, for any other file."""
    import h5py

    try:
        with h5py.File(path) as file:
            return {_text(name): _arrays(file[name]) for name in file.attrs["layer_names"]}
    except (OSError, KeyError) as error:
        raise Stop(f"{path} does not hold the weights of {network}: {' '.join(str(error).split())[:200]}") from None


def _arrays(group):
    return [group[name][()] for name in group.attrs["weight_names"]]


def _text(name):
    return name.decode() if isinstance(name, bytes) else name
