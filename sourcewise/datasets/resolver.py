"""Which files a dataset holds, and which of them a text in a list means. Proposing, listing, ingesting and predicting
all ask here."""

import os
import posixpath
import re
import stat
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from sourcewise.core import messages
from sourcewise.core.errors import count
from sourcewise.core.formats import SUFFIXES
from sourcewise.core.paths import escapes

#: Folders and files that systems and programs leave behind: macOS in archives, Windows, version control.
HIDDEN = {"__macosx", "thumbs.db", "desktop.ini"}
#: How a stand-in for a large file begins: Git LFS (its specification, version 1) and git-annex.
POINTERS = {
    b"version https://git-lfs.github.com/spec/": ("Git LFS", "git lfs pull"),
    b"version https://hawser.github.com/spec/": ("Git LFS", "git lfs pull"),
    b"/annex/objects/": ("git-annex", "git annex get ."),
}
SHOWN = 5  # names in a message


class Listing(NamedTuple):
    """What lies below a folder, as sorted paths relative to it, with "/".

    files: with the wanted suffixes; others: all other files, and links that lead round in circles; hidden: hidden files
    and folders; outside: linked folders that lead out of the folder, which are not followed; again: files that a link,
    which is followed, gives another path.
    """

    files: list[str]
    others: list[str]
    hidden: list[str]
    outside: list[str]
    again: list[str]


def listing(root, suffixes=SUFFIXES):
    """The Listing of a folder. Links that stay inside are followed; a file that a link leads to is listed once, under
    the link's path, which says more than that of what is linked. The case of a suffix does not matter."""
    found = Listing([], [], [], [], [])
    _walk(Path(root), "", suffixes, found, [os.path.realpath(root)])
    _once(root, found)
    return Listing(*map(sorted, found))


def files(root, suffixes=SUFFIXES):
    """(files, others): the files below a folder with these suffixes, and all that is left out; sorted, relative to
    it."""
    found = listing(root, suffixes)
    return found.files, sorted([*found.others, *found.hidden, *found.outside, *found.again])


def reported(found, root, noun="sound files"):
    """The files of a Listing; what is left out is reported."""
    others = sorted(found.others + found.hidden)
    if others:
        messages.info(f"left out {count(len(others), 'file')} (not {noun}): {', '.join(others[:SHOWN])}")
    if found.again:
        first = ", ".join(found.again[:SHOWN])
        messages.info(f"listed once, under the path of a link to it: {count(len(found.again), 'file')} ({first})")
    if found.outside:
        messages.warn(outside(found.outside, root))
    return found.files


def outside(links, root):
    """A sentence about linked folders that are not followed."""
    return (
        f"{count(len(links), 'linked folder')} out of {root}: not followed: {', '.join(links[:SHOWN])}: copy what they "
        "lead to into the dataset's folder"
    )


def fault(root, path):
    """Why the file at `path`, relative to the folder `root` of a dataset, cannot be opened; None where it can.

    root: None for a file anywhere, as `predict` takes it.
    """
    file = Path(path) if root is None else Path(root) / path
    if not _is_utf8(str(path)):
        return "has a name that is not UTF-8"
    if "\0" in str(path):
        return "has a name that no file can have"
    try:
        if root is not None and escapes(file, root):
            return "leads out of the dataset's folder"
        if not stat.S_ISREG(os.stat(file).st_mode):
            return "is not a regular file"
        with open(file, "rb") as stream:  # raises an OSError with the reason, which decoders do not
            return pointer(stream.read(200))
    except (FileNotFoundError, NotADirectoryError):
        return f"is a link to {os.readlink(file)}, which does not exist" if os.path.islink(file) else "does not exist"
    except OSError as error:
        return f"cannot be opened: {error.strerror}"


def pointer(start):
    """What a file that begins with these bytes stands in for, as a reason to leave it out; None where it is whole."""
    for sign, (system, command) in POINTERS.items():
        if start.startswith(sign):
            return f"is a pointer of {system}, not the file itself: clone the repository with {system}, or `{command}`"
    return None


class Paths:
    """The paths of a dataset's files, to be found by what a list writes for them.

    files: relative to the dataset's folder `root`; base: the folder, relative to it, that paths in the list are
    relative to, possibly.
    """

    def __init__(self, files, root=".", base="."):
        self._root, self._base = os.path.abspath(root), base
        self._real = os.path.realpath(root)
        self._files = set(files)
        self._names = None  # sorted, for texts that end with an asterisk
        self._by_end = [defaultdict(list) for _ in _KEYS]
        for file in sorted(files):
            for key, ends in zip(_KEYS, self._by_end, strict=True):
                ends[key(posixpath.basename(file))].append(file)

    @property
    def files(self):
        """All paths, sorted."""
        return sorted(self._files)

    def find(self, text):
        """All files that a text may mean, sorted: one where it is clear, none where none fits.

        In turn, and the first that gives any decides: the path as it is written, backslashes and `./` aside, absolute,
        or relative to the dataset or to `base`; a file whose path ends with the text, or, where the text names more
        folders, the other way round. Both first letter by letter, then in any Unicode form, then in any case, then
        without the suffix or with that of another format of sound, then without the leading zeros of numbers. Of an
        absolute path of another machine, or an address, the name alone, if one file has it; then with %20 as a blank.
        Of a text that ends with an asterisk: the files whose names begin with what is in front of it.
        """
        if text in self._files:  # a name may hold a backslash, or begin with a blank
            return [text]
        text = text.strip().replace("\\", "/")
        if not text:
            return []
        if re.match("https?://|ftp://|s3://|gs://", text):  # of what was downloaded
            text = f"/{text.partition('://')[2].partition('?')[0]}"
        if text.endswith("*"):
            return self._begin(_folded(posixpath.basename(text[:-1])))
        written = self._written(text)
        for path in written:
            if path in self._files:
                return [path]
        found = self._alike(written, climbs=posixpath.normpath(text).startswith(".."))
        return found or (self.find(unquote(text)) if unquote(text) != text else [])

    def _alike(self, written, climbs):
        """The files whose paths fit one of these, the strictest way first; climbs: whether only whole paths may."""
        name, ending = posixpath.basename(written[0]), written[0]
        for key, ends in zip(_KEYS, self._by_end, strict=True):
            same_name = ends.get(key(name), ())
            exact = [file for file in same_name if key(file) in map(key, written)]
            some = exact or [file for file in same_name if not climbs and _ends(key(file), key(ending))]
            if some:
                return some
        named = (ends.get(key(name)) for key, ends in zip(_KEYS, self._by_end, strict=True))
        some = next(filter(None, named), [])
        return some if _is_absolute(ending) and len(some) == 1 else []

    def one(self, text):
        """The file that a text means; where that is none or unclear, the text as a path relative to the dataset."""
        found = self.find(text)
        if len(found) == 1:
            return found[0]
        return self._written(text.strip().replace("\\", "/"))[0] if text.strip() else ""

    def _begin(self, start):
        """The files whose names, in any case, begin with a text."""
        if self._names is None:
            self._names = sorted((_folded(posixpath.basename(file)), file) for file in self._files)
        first = bisect_left(self._names, (start,))
        return sorted(file for name, file in takewhile(lambda pair: pair[0].startswith(start), self._names[first:]))

    def _written(self, text):
        """A text as paths relative to the dataset, the likeliest first."""
        text = re.sub("^file://", "", text)
        for folder in dict.fromkeys((self._root, self._real)):
            if text.startswith(f"{folder.rstrip('/')}/"):
                return [posixpath.normpath(posixpath.relpath(text, folder))]
        if _is_absolute(text):
            return [posixpath.normpath(text)]
        paths = [posixpath.normpath(text), posixpath.normpath(posixpath.join(self._base, text))]
        return paths if not paths[0].startswith("..") else paths[::-1]


def _is_absolute(text):
    return text.startswith(("/", "~")) or re.match("[A-Za-z]:/", text) is not None


def _is_utf8(name):
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _ends(file, text):
    """Whether one of two paths ends with all of the other."""
    return f"/{file}".endswith(f"/{text.lstrip('/')}") or f"/{text.lstrip('/')}".endswith(f"/{file}")


def _nfc(path):
    return unicodedata.normalize("NFC", path)


def _folded(path):
    return _nfc(_nfc(path).casefold())


def _without_suffix(path):
    stem, suffix = posixpath.splitext(path)
    return _folded(stem if suffix.lower() in SUFFIXES else path)


def _without_zeros(path):
    return re.sub(r"(?<!\d)0+(?=\d)", "", _without_suffix(path))


#: By what two paths are the same, the strictest first.
_KEYS = (str, _nfc, _folded, _without_suffix, _without_zeros)


def _walk(root, folder, suffixes, found, above):
    """Add what lies in a folder to a Listing; above: the real paths of the folders that hold it, for links that lead
    round in circles."""
    with os.scandir(root / folder) as entries:
        entries = sorted(entries, key=lambda entry: entry.name)
    for entry in entries:
        path = posixpath.join(folder, entry.name)
        wanted = os.path.splitext(entry.name)[1].lower() in suffixes
        if _is_hidden(entry):
            found.hidden.append(path)
        elif not os.path.isdir(root / path):  # False of a link to itself, too
            (found.files if wanted else found.others).append(path)
        elif not entry.is_symlink():
            _walk(root, path, suffixes, found, [*above, str(Path(above[-1]) / entry.name)])
        elif escapes(root / path, root):
            found.outside.append(path)
        elif (real := os.path.realpath(root / path)) in above:
            (found.files if wanted else found.others).append(path)
        else:
            _walk(root, path, suffixes, found, [*above, real])


def _is_hidden(entry):
    name = entry.name
    hidden = name.startswith(".") and (name.strip(".") != "" or not entry.is_dir())  # a folder `...` is not
    return hidden or name.lower() in HIDDEN


def _once(root, found):
    """Leave out files that a link in the same Listing leads to."""
    real_root = os.path.realpath(root)
    linked = {file for file in found.files if _is_linked(root, file)}
    targets = {os.path.relpath(os.path.realpath(root / Path(file)), real_root).replace(os.sep, "/") for file in linked}
    again = [file for file in found.files if file in targets and file not in linked]
    if again:
        found.again.extend(again)
        found.files[:] = sorted(set(found.files) - set(again))


def _is_linked(root, file):
    """Whether a file, or a folder on its path, is a link."""
    steps = file.split("/")
    return any(os.path.islink(os.path.join(root, *steps[: k + 1])) for k in range(len(steps)))
