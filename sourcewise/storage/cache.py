"""Bytes by key in .cache/, one behind the other in one flat file, each with its checksum; never a reason for a run to
fail.

<name>.values holds the bytes, in the order in which they came, so that what follows in a run mostly follows in the
file; <name>.index says where which lie. Both only ever grow, by single writes to their ends, so that several processes
may use one store at once and none waits. What does not have its checksum is not there.
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

_RECORD = Struct("<16sQQI")  # key, start, size, checksum: a place


class Store:
    """The store <name>, open as a context; made where it is not there. Keys are 16 bytes. `limit` is in bytes, for all
    stores together; with `draft`, all there is has room until the end, whatever the limit.

    Where the disk fails, one sentence is printed, the files are removed, and `works` is False from then on: nothing
    is found and nothing is kept. Where the limit is 0 it is False from the start, unless it is a draft.
    """

    def __init__(self, name, *, limit, draft=False):
        self.works, self._limit, self._draft = bool(limit or draft), limit, draft
        self._path, self._file = repository() / FOLDER / f"{name}.values", None
        self._places, self._fresh, self._size, self._flushed, self._room = {}, {}, 0, monotonic(), 0

    def __enter__(self):
        self._tried(self._open)
        return self

    def __exit__(self, *_):
        self._tried(self._flush)
        self._tried(self._tidy)
        if self._file:
            self._file.close()

    def place(self, key):
        """Where what was written under a key lies: (key, start, size, checksum); None where nothing was."""
        return self._places.get(key)

    def read(self, places, buffer):
        """The bytes at places that lie one behind the other, in the buffer where they fit into it; None where they are
        not what was put there. From any thread."""
        first, last = places[0], places[-1]
        begin, size = first[1], last[1] + last[2] - first[1]
        view = memoryview(buffer if size <= len(buffer) else bytearray(size))[:size]
        if self._tried(lambda: self._fill(view, begin)) != size:
            return None
        for key, start, size, crc in places:
            if crc32(view[start - begin : start - begin + size], crc32(key)) != crc:
                return None
        return view

    def get(self, key):
        """The bytes of one key; None where there are none."""
        place = self._places.get(key)
        return self.read([place], bytearray()) if place else self._fresh.get(key)

    def put(self, key, value):
        """Keep bytes, while there is room; they are written with others, every few seconds or megabytes."""
        room = self._room - len(value) - _RECORD.size
        if room < 0 and not self._draft:
            return
        self._room = room
        self._places.pop(key, None)
        self._fresh[key] = value
        self._size += len(value)
        if self._size >= FLUSH_BYTES or monotonic() - self._flushed >= FLUSH_S:
            self._tried(self._flush)

    def _open(self):
        self._path.parent.mkdir(exist_ok=True)
        for path in (self._path, _index(self._path)):
            path.touch()
        self._file = open(self._path, "rb", buffering=0)  # noqa: SIM115, until the store is closed
        end, records = self._path.stat().st_size, _index(self._path).read_bytes()
        whole = len(records) - len(records) % _RECORD.size
        places = _RECORD.iter_unpack(records[:whole])
        self._places = {place[0]: place for place in places if place[1] + place[2] <= end}
        self._room = self._limit - end - len(records)

    def _fill(self, view, start):
        return os.preadv(self._file.fileno(), [view], start)

    def _flush(self):
        if self._fresh:
            start = _append(self._path, b"".join(self._fresh.values()))
            for key, value in self._fresh.items():
                self._places[key] = key, start, len(value), crc32(value, crc32(key))
                start += len(value)
            _append(_index(self._path), b"".join(_RECORD.pack(*self._places[key]) for key in self._fresh))
        self._fresh, self._size, self._flushed = {}, 0, monotonic()

    def _tidy(self):
        """Mark the store as used last, then remove those used longest ago until all are within the limit."""
        try:
            os.utime(self._path)
            sizes = {path: _size(path) for path in self._path.parent.glob("*.values")}
            used = {path: path.stat().st_mtime_ns for path in sizes}
        except FileNotFoundError:  # another run, or somebody, removes files at this moment
            return
        if sizes[self._path] > self._limit:  # a draft
            _remove(self._path)
            return
        total = sum(sizes.values())
        for path in sorted(used, key=used.get):
            if total <= self._limit:
                return
            _remove(path)
            total -= sizes[path]

    def _tried(self, action):
        """What `action` returns; None where the store does not work, or now no longer does."""
        if not self.works:
            return None
        try:
            return action()
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error):
        self.works, self._places, self._fresh = False, {}, {}
        _remove(self._path)
        where = self._path.relative_to(repository())
        said = f"cache: {where} failed and will be made anew ({error}): this run goes on without it"
        print(said, file=sys.stderr, flush=True)


def _append(path, data):
    """Write at the end of a file; where that was."""
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
