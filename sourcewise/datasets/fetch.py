"""The recordings of a dataset, or a link to them, at data/raw/<dataset>. Relative roots and downloads belong to the
repository that an experiment was started from, not to the temporary copy that it runs in.
"""

import os
import shutil
from pathlib import Path

from sourcewise.core import messages, registry
from sourcewise.core.errors import Stop
from sourcewise.core.paths import NOISE, RAW, escapes, repository
from sourcewise.datasets import dataset_file, mixing
from sourcewise.datasets.external import check_labels
from sourcewise.datasets.task import SEPARATOR
from sourcewise.storage.archives import SCHEMES, Unusable, agrees, checksum, download, unpack


def noises(root):
    """The folder of noises for the effect `background`, data/noise: a link to `root`, or the folder itself."""
    if root is not None or (repository() != Path.cwd() and (repository() / NOISE).is_dir()):
        _link(NOISE, root or str(NOISE), "augment.background")
        return
    if NOISE.is_symlink():
        NOISE.unlink()
    NOISE.mkdir(parents=True, exist_ok=True)  # recordings put there by hand stay
    if not any(NOISE.iterdir()):  # DVC warns of an empty folder
        (NOISE / "README.txt").write_text("Put recordings here for the effect background of params.yaml.\n")


def external(dataset):
    """The recordings of the datasets that `external` names, at data/raw. Stops, before any work, where one of them has
    no recording or no class of this dataset."""
    others = dataset_file.external(dataset)
    classes = sorted(_labels(dataset)) if others else []
    for one in others:
        recordings(one.dataset)
        check_labels(_labels(one.dataset), classes, one.rename, f"external: {one.dataset!r}")


def _labels(dataset):
    return {name for one in dataset_file.read(dataset) for name in one.labels.split(SEPARATOR) if name}


def recordings(dataset):
    """Link, make or download, as the dataset file says; files put there by hand are never overwritten."""
    keys = dataset_file.load(dataset)
    folder = RAW / dataset
    folder.parent.mkdir(parents=True, exist_ok=True)
    reader = registry.module("datasets.readers", keys.reader)
    if keys.root is not None and _at(keys.root).is_file():
        _put(folder, lambda new: _unpack(keys, _at(keys.root), new))
    elif keys.root is not None:
        _link(folder, keys.root, "root")
    elif keys.make is not None:
        _put(folder, registry.module("datasets.synthetic", keys.make).make)
    elif keys.mix is not None:
        if dataset_file.load(keys.mix.of).mix is not None:
            raise Stop(f"dataset file: mix: of is {keys.mix.of!r}, which is itself a mixture: name one that is not")
        recordings(keys.mix.of)
        _put(folder, lambda new: mixing.make(new, RAW / keys.mix.of, dataset_file.read(keys.mix.of), keys.mix))
    elif keys.url is not None:
        _put(folder, lambda new: _downloaded(keys, new))
    elif hasattr(reader, "download") and not folder.is_dir() and repository() == Path.cwd():
        _put(folder, lambda new: reader.download(new, keys))
    elif repository() != Path.cwd():
        _link(folder, str(folder), "root")  # an experiment's copy lacks a folder that was put there by hand
    elif not folder.is_dir():
        raise Stop(f"{folder} does not exist: put the recordings there, or set root in {dataset_file.path(dataset)}")


def _at(root):
    return Path(os.path.normpath(repository() / Path(root).expanduser()))


def _link(folder, root, key):
    target = _at(root)
    if not target.is_dir():
        raise Stop(f"{key} is {root!r}: there is no folder {target}" + " and no archive" * (key == "root"))
    if target == Path.cwd() / folder:
        return
    if folder.is_symlink():
        folder.unlink()
    if folder == NOISE and [path.name for path in folder.glob("*")] == ["README.txt"]:
        shutil.rmtree(folder)
    if folder.exists():
        raise Stop(f"{folder} is a folder, but {key} says {root!r}: move the folder away, or unset {key}")
    folder.symlink_to(target, target_is_directory=True)


def _put(folder, fill):
    """Let `fill` write a folder, then move it to `folder`; a different one there is moved aside, not deleted."""
    new = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    fill(new)
    if folder.is_symlink():
        folder.unlink()
    if not folder.exists():
        new.rename(folder)
    elif checksum(folder) == checksum(new):
        shutil.rmtree(new)
    else:
        aside = folder.with_name(f"{folder.name}.before-{checksum(folder)[:10]}")
        shutil.rmtree(aside, ignore_errors=True)  # an earlier copy of the same files
        folder.rename(aside)
        new.rename(folder)
        messages.info(f"{folder} differed from what the dataset file gives; it was moved to {aside}")


def _downloaded(keys, folder):
    """The archive at keys.url (https, or file for a local copy), downloaded or from an earlier run, unpacked; one that
    does not fit the dataset file is removed, so that the next run downloads it again."""
    if not keys.url.startswith(SCHEMES):
        raise Stop(f"dataset file: url is {keys.url!r}: must start with https:// or file://")
    try:
        archive = download(keys.url, timeout_s=60)
    except Unusable as error:
        raise Stop(f"{error}: download it by other means and set root in the dataset file") from None
    try:
        _unpack(keys, archive, folder)
    except Stop:
        archive.unlink()
        raise


def _unpack(keys, archive, folder):
    """Unpack the folder keys.inside of an archive into `folder`, and nothing outside; verify the checksum."""
    whole, name = folder.with_suffix(".archive"), keys.root or keys.url  # beside it: a member may have any name
    shutil.rmtree(whole, ignore_errors=True)
    of_archive = ":" in (keys.checksum or "")
    if of_archive and not agrees(archive, keys.checksum):
        raise Stop(f"{name} does not have the checksum of the dataset file, {keys.checksum}")
    try:
        unpack(archive, whole)
    except Unusable as error:
        raise Stop(f"{name} {error}") from None
    inside = whole / keys.inside
    if escapes(inside, whole) or not inside.is_dir():
        raise Stop(f"{name} has no folder {keys.inside!r}")
    for path in sorted(inside.iterdir()):
        path.rename(folder / path.name)
    shutil.rmtree(whole)
    actual = checksum(folder)
    if keys.checksum is not None and not of_archive and actual != keys.checksum:
        raise Stop(f"the files of {name} have the checksum {actual}, the dataset file says {keys.checksum}")
