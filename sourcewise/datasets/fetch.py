"""DVC stage `fetch`: the recordings of the chosen dataset, or a link to them, at data/raw/<dataset>.

The folder is the stage's output and `ingest`'s dependency, so DVC notices every change in it, wherever it lies;
it is not cached, since it can be made again. Relative roots and downloads belong to the repository that an
experiment was started from, not to the temporary copy that it runs in.
"""

import os
import shutil
from pathlib import Path

from stages.core import card as cards
from stages.core import params, registry
from stages.core.archive import SCHEMES, Unusable, agrees, checksum, download, unpack
from stages.core.command import run
from stages.core.home import home, leads_out
from stages.core.stop import Stop
from stages.corpora import _mixed as mixed

NOISE = Path("data/noise")


def main():
    """The recordings, and the folder of noises that `augment` may mix in."""
    _fetch(params.dataset())
    root = params.load(str | None, "augment.background")
    if root is not None or (home() != Path.cwd() and (home() / NOISE).is_dir()):
        _link(NOISE, root or str(NOISE), "augment.background")
        return
    if NOISE.is_symlink():
        NOISE.unlink()
    NOISE.mkdir(parents=True, exist_ok=True)  # where there are noises by hand, they stay
    if not any(NOISE.iterdir()):  # DVC warns of an empty folder
        (NOISE / "README.txt").write_text("Put recordings here for the effect background of params.yaml.\n")


def _fetch(dataset):
    """Link, make, or download, as the card says; what lies there by hand is never overwritten."""
    card = cards.load(dataset)
    place = cards.RAW / dataset
    place.parent.mkdir(parents=True, exist_ok=True)
    reader = registry.module("readers", card.reader)
    if card.root is not None and _at(card.root).is_file():
        _put(place, lambda folder: _unpack(card, _at(card.root), folder))
    elif card.root is not None:
        _link(place, card.root, "root")
    elif card.make is not None:
        _put(place, lambda folder: registry.module("corpora", card.make).make(folder))
    elif card.mix is not None:
        if cards.load(card.mix.of).mix is not None:
            raise Stop(f"card: mix: of is {card.mix.of!r}, which is mixed itself: name a corpus of one label each")
        _fetch(card.mix.of)
        _put(place, lambda folder: mixed.make(folder, cards.RAW / card.mix.of, cards.read(card.mix.of), card.mix))
    elif card.url is not None:
        _put(place, lambda folder: _downloaded(card, folder))
    elif hasattr(reader, "download") and not place.is_dir() and home() == Path.cwd():
        _put(place, lambda folder: reader.download(folder, card))
    elif home() != Path.cwd():
        _link(place, str(place), "root")  # an experiment's copy has no folder that was put there by hand
    elif not place.is_dir():
        raise Stop(
            f"fetch: {place} does not exist: put the recordings there, or set root in {params.card_path(dataset)}"
        )


def _at(root):
    return Path(os.path.normpath(home() / Path(root).expanduser()))


def _link(place, root, key):
    target = _at(root)
    if not target.is_dir():
        raise Stop(f"fetch: {key} is {root!r}: there is no folder {target}" + " and no archive" * (key == "root"))
    if target == Path.cwd() / place:
        return
    if place.is_symlink():
        place.unlink()
    if place == NOISE and [path.name for path in place.glob("*")] == ["README.txt"]:
        shutil.rmtree(place)
    if place.exists():
        raise Stop(f"fetch: {place} is a folder, but {key} says {root!r}: move the folder away, or unset {key}")
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
        print(f"fetch: {place} was not what the card says; what lay there is now {aside}")


def _downloaded(card, folder):
    """The archive of a card, from an earlier run or from its URL (https, or file for a local copy), unpacked; one that
    is not what the card says is removed, or the next run would stop at it again."""
    if not card.url.startswith(SCHEMES):
        raise Stop(f"card: url is {card.url!r}: must start with https:// or file://")
    try:
        archive = download(card.url, timeout_s=60)
    except Unusable as error:
        raise Stop(f"fetch: {error}: download it elsewhere and set root in the card") from None
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
        raise Stop(f"fetch: {name} has not the checksum that the card gives, {card.checksum}")
    try:
        unpack(archive, whole)
    except Unusable as error:
        raise Stop(f"fetch: {name} {error}") from None
    inside = whole / card.inside
    if leads_out(inside, whole) or not inside.is_dir():
        raise Stop(f"fetch: {name} has no folder {card.inside!r}")
    for path in sorted(inside.iterdir()):
        path.rename(folder / path.name)
    shutil.rmtree(whole)
    found = checksum(folder)
    if card.checksum is not None and not of_archive and found != card.checksum:
        raise Stop(f"fetch: the files of {name} have the checksum {found}, the card says {card.checksum}")


if __name__ == "__main__":
    run(main)
