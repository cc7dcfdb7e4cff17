"""Bytes by key in .cache/, appended to one flat file, each with its checksum. A fault in it never makes a run fail.

<name>.values holds the bytes in the order of writing, so that a run mostly reads forwards; <name>.index holds their
positions. Both only grow, by single writes to their ends, so that several processes can use one store at once without
waiting. Bytes whose checksum differs count as missing.
"""

import os
import sys
from struct import Struct
from time import monotonic

from isal.isal_zlib import crc32

from sourcewise.core.paths import repository

FOLDER = ".cache"
FLUSH_BYTES = 8_000_000
FLUSH_S = 5

_RECORD = Struct("<16sQQI")  # key, start, size, checksum


class Store:
    """The store <name>, a context manager; created if missing. Keys are 16 bytes. `limit` is in bytes, for all stores
    together.

    If the disk fails, one sentence is printed, the files are removed, and `works` is False from then on: nothing is
    read or written. With a limit of 0 it is False from the start.
    """

    def __init__(self, name, *, limit):
        self.works, self._limit = bool(limit), limit
        self._path, self._file = repository() / FOLDER / f"{name}.values", None
        self._records, self._fresh, self._size, self._flushed, self._room = {}, {}, 0, monotonic(), 0

    def __enter__(self):
        self._tried(self._open)
        return self

    def __exit__(self, *_):
        self._tried(self._flush)
        self._tried(self._tidy)
        if self._file:
            self._file.close()

    def record(self, key):
        """The record of a key, (key, start, size, checksum); None if nothing was written under it."""
        return self._records.get(key)

    def read(self, records, buffer):
        """The bytes of adjacent records, in the buffer if they fit into it; None if a checksum differs. Thread-safe."""
        first, last = records[0], records[-1]
        begin, size = first[1], last[1] + last[2] - first[1]
        view = memoryview(buffer if size <= len(buffer) else bytearray(size))[:size]
        if self._tried(lambda: self._fill(view, begin)) != size:
            return None
        for key, start, size, crc in records:
            if crc32(view[start - begin : start - begin + size], crc32(key)) != crc:
                return None
        return view

    def get(self, key):
        """The bytes of one key; None if there are none."""
        record = self._records.get(key)
        return self.read([record], bytearray()) if record else self._fresh.get(key)

    def put(self, key, value):
        """Store bytes while there is room; they are written in batches, every few seconds or megabytes."""
        room = self._room - len(value) - _RECORD.size
        if room < 0:
            return
        self._room = room
        self._records.pop(key, None)
        self._fresh[key] = value
        self._size += len(value)
        if self._size >= FLUSH_BYTES or monotonic() - self._flushed >= FLUSH_S:
            self._tried(self._flush)

    def _open(self):
        self._path.parent.mkdir(exist_ok=True)
        for path in (self._path, _index(self._path)):
            path.touch()
        self._file = open(self._path, "rb", buffering=0)  # noqa: SIM115, until the store is closed
        end, index = self._path.stat().st_size, _index(self._path).read_bytes()
        whole = len(index) - len(index) % _RECORD.size
        records = _RECORD.iter_unpack(index[:whole])
        self._records = {record[0]: record for record in records if record[1] + record[2] <= end}
        self._room = self._limit - end - len(index)

    def _fill(self, view, start):
        return os.preadv(self._file.fileno(), [view], start)

    def _flush(self):
        if self._fresh:
            start = _append(self._path, b"".join(self._fresh.values()))
            for key, value in self._fresh.items():
                self._records[key] = key, start, len(value), crc32(value, crc32(key))
                start += len(value)
            _append(_index(self._path), b"".join(_RECORD.pack(*self._records[key]) for key in self._fresh))
        self._fresh, self._size, self._flushed = {}, 0, monotonic()

    def _tidy(self):
        """Mark the store as last used, then remove the least recently used ones until all are within the limit."""
        try:
            os.utime(self._path)
            sizes = {path: _size(path) for path in self._path.parent.glob("*.values")}
            used = {path: path.stat().st_mtime_ns for path in sizes}
        except FileNotFoundError:  # another run, or somebody, removes files at this moment
            return
        total = sum(sizes.values())
        for path in sorted(used, key=used.get):
            if total <= self._limit:
                return
            _remove(path)
            total -= sizes[path]

    def _tried(self, action):
        """What `action` returns; None if the store does not work, or fails now."""
        if not self.works:
            return None
        try:
            return action()
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error):
        self.works, self._records, self._fresh = False, {}, {}
        _remove(self._path)
        path = self._path.relative_to(repository())
        message = f"cache: {path} failed and will be rebuilt ({error}): this run continues without it"
        print(message, file=sys.stderr, flush=True)


def _append(path, data):
    """Write at the end of a file; returns the position."""
    with open(path, "ab") as file:
        if path.suffix == ".index":  # so that what an interrupted write left behind shifts nothing
            file.write(bytes(-file.tell() % _RECORD.size))
        file.write(data)
        file.flush()
        return file.tell() - len(data)


def _index(path):
    return path.with_suffix(".index")


def _size(path):
    index = _index(path)
    return path.stat().st_size + (index.stat().st_size if index.exists() else 0)


def _remove(path):
    for name in (path, _index(path)):
        try:
            name.unlink(missing_ok=True)
        except OSError:  # the folder is a file, or not ours to write: there is nothing to remove
            return
