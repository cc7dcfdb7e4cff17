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
from sourcewise.storage.archives import SCHEMES, Unusable, agrees, checksum, download, unpack


def noises(root):
    """A folder of noises for the effect `background`, at data/noise: a link to `root`, or what lies there."""
    if root is not None or (repository() != Path.cwd() and (repository() / NOISE).is_dir()):
        _link(NOISE, root or str(NOISE), "augment.background")
        return
    if NOISE.is_symlink():
        NOISE.unlink()
    NOISE.mkdir(parents=True, exist_ok=True)  # where there are noises by hand, they stay
    if not any(NOISE.iterdir()):  # DVC warns of an empty folder
        (NOISE / "README.txt").write_text("Put recordings here for the effect background of params.yaml.\n")


def recordings(dataset):
    """Link, make, or download, as the card says; what lies there by hand is never overwritten."""
    card = dataset_file.load(dataset)
    place = RAW / dataset
    place.parent.mkdir(parents=True, exist_ok=True)
    reader = registry.module("datasets.readers", card.reader)
    if card.root is not None and _at(card.root).is_file():
        _put(place, lambda folder: _unpack(card, _at(card.root), folder))
    elif card.root is not None:
        _link(place, card.root, "root")
    elif card.make is not None:
        _put(place, lambda folder: registry.module("datasets.synthetic", card.make).make(folder))
    elif card.mix is not None:
        if dataset_file.load(card.mix.of).mix is not None:
            raise Stop(
                f"dataset file: mix: of is {card.mix.of!r}, which is mixed itself: name a corpus of one label each"
            )
        recordings(card.mix.of)
        _put(place, lambda folder: mixing.make(folder, RAW / card.mix.of, dataset_file.read(card.mix.of), card.mix))
    elif card.url is not None:
        _put(place, lambda folder: _downloaded(card, folder))
    elif hasattr(reader, "download") and not place.is_dir() and repository() == Path.cwd():
        _put(place, lambda folder: reader.download(folder, card))
    elif repository() != Path.cwd():
        _link(place, str(place), "root")  # an experiment's copy has no folder that was put there by hand
    elif not place.is_dir():
        raise Stop(f"{place} does not exist: put the recordings there, or set root in {dataset_file.path(dataset)}")


def _at(root):
    return Path(os.path.normpath(repository() / Path(root).expanduser()))


def _link(place, root, key):
    target = _at(root)
    if not target.is_dir():
        raise Stop(f"{key} is {root!r}: there is no folder {target}" + " and no archive" * (key == "root"))
    if target == Path.cwd() / place:
        return
    if place.is_symlink():
        place.unlink()
    if place == NOISE and [path.name for path in place.glob("*")] == ["README.txt"]:
        shutil.rmtree(place)
    if place.exists():
        raise Stop(f"{place} is a folder, but {key} says {root!r}: move the folder away, or unset {key}")
    place.symlink_to(target, target_is_directory=True)


def _put(place, fill):
    """Let `fill` write a folder, then put it at `place`; what lay there and differs is moved aside, not deleted."""
    new = place.with_name(f".{place.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    fill(new)
    if place.is_symlink():
        place.unlink()
    if not place.exists():
        new.rename(place)
    elif checksum(place) == checksum(new):
        shutil.rmtree(new)
    else:
        aside = place.with_name(f"{place.name}.before-{checksum(place)[:10]}")
        shutil.rmtree(aside, ignore_errors=True)  # the same files, from an earlier time
        place.rename(aside)
        new.rename(place)
        messages.info(f"{place} was not what the card says; what lay there is now {aside}")


def _downloaded(card, folder):
    """The archive of a card, from an earlier run or from its URL (https, or file for a local copy), unpacked; one that
    is not what the card says is removed, or the next run would stop at it again."""
    if not card.url.startswith(SCHEMES):
        raise Stop(f"dataset file: url is {card.url!r}: must start with https:// or file://")
    try:
        archive = download(card.url, timeout_s=60)
    except Unusable as error:
        raise Stop(f"{error}: download it elsewhere and set root in the card") from None
    try:
        _unpack(card, archive, folder)
    except Stop:
        archive.unlink()
        raise


def _unpack(card, archive, folder):
    """The folder `inside` of an archive into `folder`, nothing outside; what the checksum is of is checked."""
    whole, name = folder.with_suffix(".archive"), card.root or card.url  # beside it: a member may have any name
    shutil.rmtree(whole, ignore_errors=True)
    of_archive = ":" in (card.checksum or "")
    if of_archive and not agrees(archive, card.checksum):
        raise Stop(f"{name} has not the checksum that the card gives, {card.checksum}")
    try:
        unpack(archive, whole)
    except Unusable as error:
        raise Stop(f"{name} {error}") from None
    inside = whole / card.inside
    if escapes(inside, whole) or not inside.is_dir():
        raise Stop(f"{name} has no folder {card.inside!r}")
    for path in sorted(inside.iterdir()):
        path.rename(folder / path.name)
    shutil.rmtree(whole)
    found = checksum(folder)
    if card.checksum is not None and not of_archive and found != card.checksum:
        raise Stop(f"the files of {name} have the checksum {found}, the card says {card.checksum}")
