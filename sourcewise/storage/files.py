"""Clips of differing length in memory-mapped flat files, written and read without holding a dataset in memory.

One file, or a few (see shards.py), because DVC's cost grows with the number of files: nothing else in a run of 20,000
clips takes as long as 20,000 small files do.
"""

import hashlib
import json
import shutil
import zipfile
from bisect import bisect_right
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from sourcewise.core.errors import Stop

DIGEST = "digest.txt"


class Ragged:
    """A sequence of arrays that differ in their first axis only: clip i is `ragged[i]`, a read-only view.

    `take(rows)` is the same for some of the clips, in that order, still without reading any.
    """

    def __init__(self, values, starts, stops):
        self._values, self._starts, self._stops = values, starts, stops

    @classmethod
    def open(cls, folder):
        """Memory-map what `writer` or `shards.write` wrote to a folder."""
        folder = Path(folder)
        offsets = read_array(folder / "offsets.npy")
        if (folder / "shards.json").is_file():
            names = read_json(folder / "shards.json")
            values = _Joined([read_array(folder / "shards" / f"{name}.npy", mapped=True) for name in names])
        else:
            values = read_array(folder / "values.npy", mapped=True)
        return cls(values, offsets[:-1], offsets[1:])

    @classmethod
    def of(cls, arrays):
        """The same from arrays in memory, for small things and tests."""
        offsets = np.concatenate([[0], np.cumsum([len(a) for a in arrays])]).astype(np.int64)
        return cls(np.concatenate(arrays), offsets[:-1], offsets[1:])

    def __len__(self):
        return len(self._starts)

    def __getitem__(self, i):
        if not -len(self) <= i < len(self):
            raise IndexError(i)
        return self._values[self._starts[i] : self._stops[i]]

    def take(self, rows):
        """Only the clips `rows`."""
        return Ragged(self._values, self._starts[rows], self._stops[rows])

    def between(self, starts, stops):
        """Other slices of the same values: from each of `starts` to before its stop, overlapping or not."""
        return Ragged(self._values, starts, stops)


class _Joined:
    """Arrays as if they were one: a slice that lies within one of them is a view of it."""

    def __init__(self, arrays):
        self._arrays, self._stops = arrays, np.cumsum([len(array) for array in arrays]).tolist()

    def __getitem__(self, rows):
        i = min(bisect_right(self._stops, rows.start), len(self._arrays) - 1)  # an empty clip may lie behind all
        array, stop = self._arrays[i], self._stops[i]
        return array[rows.start - stop + len(array) : rows.stop - stop + len(array)]


@contextmanager
def writer(folder, dtype, width=()):
    """A function that appends one clip, (n,) + width, to `folder`; nothing written stays in memory."""
    folder = fresh_folder(folder)
    lengths = []
    with rows_writer(folder / "values.npy", dtype, width) as append:
        yield lambda clip: lengths.append(append(clip))
    write_offsets(folder, lengths)


@contextmanager
def rows_writer(path, dtype, width):
    """A function that appends rows, (n,) + width, to a .npy file and returns how many."""
    n_rows = 0
    with open(path, "wb", buffering=131_072) as file:
        _write_header(file, 0, width, dtype)

        def append(values):
            nonlocal n_rows
            if values.shape[1:] != tuple(width):
                raise ValueError(f"a clip of shape {values.shape} does not fit rows of shape {tuple(width)}")
            file.write(np.ascontiguousarray(values, dtype=dtype).data)
            n_rows += len(values)
            return len(values)

        yield append
        file.seek(0)
        _write_header(file, n_rows, width, dtype)


def write_offsets(folder, lengths):
    """offsets.npy: where each clip starts, in rows, and behind it where the last one ends."""
    np.save(folder / "offsets.npy", np.cumsum([0, *lengths], dtype=np.int64))


def read_arrays(path):
    """All arrays of numbers in a .npz file, by name; Stop for anything else."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (ValueError, TypeError, AttributeError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise Stop(f"{path} cannot be read as arrays: {error}: remove it, then `dvc repro`") from None


def write_zip(path, members):
    """A zip whose bytes depend only on its members, {name: bytes}: no dates, no compression, sorted names."""
    with zipfile.ZipFile(fresh(path), "w") as archive:
        for name in sorted(members):
            archive.writestr(zipfile.ZipInfo(name), members[name])


def write_digest(folder, known=None):
    """Write a digest of a folder's files into it, so that others need not read them; the last step of writing a folder.

    known: {path: `sha256`} of files that need not be read.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / DIGEST)
    entries = [(path.relative_to(folder).as_posix(), (known or {}).get(path) or sha256(path)) for path in paths]
    write_text(folder / DIGEST, hashlib.sha256(json.dumps(entries).encode()).hexdigest() + "\n")


def digest_of(folder):
    """The digest that `write_digest` wrote to a folder, 64 hex digits: equal only if its files are."""
    return (folder / DIGEST).read_text(encoding="utf-8").strip()


def sha256(path):
    """SHA-256 of a file, 64 hex digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_json(path, content):
    """JSON as all stages write it: indented, ending in a newline, keys in the given order."""
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def write_text(path, text):
    """Text as UTF-8, with the same line ends on every system."""
    fresh(path).write_text(text, encoding="utf-8", newline="\n")


def read_json(path):
    """What `write_json` wrote."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise Stop(f"{path} is not valid JSON: {error}: remove it, then `dvc repro`") from None


def fresh(path):
    """The path of a file to write, after removing an old one, which may be a link into DVC's cache."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    return path


def fresh_folder(path):
    """The path of an empty folder, for the same reason."""
    path = Path(path)
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


@contextmanager
def scratch(name):
    """A temporary folder of this run, ignored by git and removed at the end."""
    try:
        folder = fresh_folder(Path(".cache") / "scratch" / name)
    except (FileExistsError, NotADirectoryError):
        raise Stop(".cache must be a folder, but is a file: remove it") from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def npy(path, *, mapped=False):
    """The array of a .npy file, read or, if `mapped`, memory-mapped. Raises ValueError with a sentence for anything
    else: a pickle, a zip of arrays, a truncated file."""
    try:
        if mapped:  # a plain view of the map: indexing a np.memmap costs ten times as much
            return np.asarray(np.lib.format.open_memmap(path, mode="r"))
        with open(path, "rb") as file:
            return np.lib.format.read_array(file, allow_pickle=False)
    except (ValueError, TypeError, OverflowError, EOFError, MemoryError) as error:
        raise ValueError(f"cannot be read as an array: {error}") from None


def read_array(path, *, mapped=False):
    """The array of a .npy file that a stage wrote; Stop for anything else."""
    try:
        return npy(path, mapped=mapped)
    except ValueError as error:
        raise Stop(f"{path} {error}: remove it, then `dvc repro`") from None


def _write_header(file, n_rows, width, dtype):
    # numpy leaves room for a growing first axis, so the header can be overwritten in place
    shape = (n_rows, *width)
    header = {"descr": np.lib.format.dtype_to_descr(np.dtype(dtype)), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
