"""One SQLite file of .cache/: bytes by key, each with its checksum, never a reason for a run to fail."""

import os
import sqlite3
import sys
from time import monotonic

from isal.isal_zlib import crc32

from stages.core.home import home

FOLDER = ".cache"
BYTES_AT_ONCE = 4_000_000
FLUSH_BYTES = 64_000_000
FLUSH_S = 5
FILLED = 0.8  # of the limit, by the values of one store: the rest is what SQLite adds
BUSY_S = 60  # for how long another process may hold the file

_TABLE = "CREATE TABLE IF NOT EXISTS results (key BLOB PRIMARY KEY, value BLOB NOT NULL, crc INTEGER NOT NULL)"
_READ = "SELECT key, value, crc FROM results WHERE key IN ({})"
_WRITE = "INSERT OR REPLACE INTO results VALUES (?, ?, ?)"


class Store:
    """The store <name>, open as a context; made where it is not there. `limit` is in bytes, for all stores together.

    Where SQLite or the disk fails, one sentence is printed, the file is removed, and `works` is False from then on:
    nothing is found and nothing is kept. Where the limit is 0 it is False from the start. Two processes may use
    one store at once.
    """

    def __init__(self, name, *, limit):
        self.works, self._limit, self._db = bool(limit), limit, None
        self._path = home() / FOLDER / f"{name}.sqlite"
        self._fresh, self._size, self._flushed, self._room = {}, 0, monotonic(), 0

    def __enter__(self):
        self._tried(self._open)
        return self

    def __exit__(self, *_):
        self._tried(self._flush)
        if self._db is not None:
            self._db.close()
        self._tried(self._tidy)

    def known(self):
        """The keys that it holds, and for how many to ask at once so that their values are a few megabytes."""
        keys = self._tried(lambda: {key for (key,) in self._db.execute("SELECT key FROM results")}) or set()
        size = self._tried(lambda: os.path.getsize(self._path)) or 0
        return keys, min(256, 1 + BYTES_AT_ONCE * len(keys) // (size + 1)) if keys else 256

    def get(self, keys):
        """{key: bytes} of those of at most 256 keys that are there and are what was put there."""
        if not keys:
            return {}
        read = _READ.format(",".join("?" * len(keys)))
        rows = self._tried(lambda: self._db.execute(read, keys).fetchall()) or []
        found = {key: value for key, value, crc in rows if _is_intact(key, value, crc)}
        return found | {key: self._fresh[key] for key in keys if key in self._fresh}

    def put(self, key, value):
        """Keep bytes, while there is room; they are written with others, every few seconds or megabytes."""
        if len(value) > self._room:
            return
        self._room -= len(value)
        self._fresh[key] = value
        self._size += len(value)
        if self._size >= FLUSH_BYTES or monotonic() - self._flushed >= FLUSH_S:
            self._tried(self._flush)

    def _open(self):
        self._path.parent.mkdir(exist_ok=True)
        self._db = sqlite3.connect(self._path, timeout=BUSY_S, isolation_level="IMMEDIATE")
        self._db.execute("PRAGMA page_size = 16384")  # of a new file: values are large
        self._db.execute("PRAGMA synchronous = OFF")  # what a power cut leaves is checked, as all else is
        self._db.execute(_TABLE)
        self._room = FILLED * self._limit - os.path.getsize(self._path)

    def _flush(self):
        rows = [(key, value, crc32(value, crc32(key))) for key, value in self._fresh.items()]
        if rows:
            with self._db:
                self._db.executemany(_WRITE, rows)
        self._fresh, self._size, self._flushed = {}, 0, monotonic()

    def _tidy(self):
        """Mark the store as used last, then remove those used longest ago until all are within the limit."""
        try:
            os.utime(self._path)
            stats = {path: path.stat() for path in self._path.parent.glob("*.sqlite")}
        except FileNotFoundError:  # another run, or somebody, removes files at this moment
            return
        total = sum(stat.st_size for stat in stats.values())
        for path in sorted(stats, key=lambda path: stats[path].st_mtime_ns):
            if total <= self._limit:
                return
            _remove(path)
            total -= stats[path].st_size

    def _tried(self, action):
        """What `action` returns; None where the store does not work, or now no longer does."""
        if not self.works:
            return None
        try:
            return action()
        except (sqlite3.Error, OSError) as error:
            self._give_up(error)

    def _give_up(self, error):
        self.works, self._fresh = False, {}
        if self._db is not None:
            self._db.close()
        said = "is in use"
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            said = "failed and will be made anew"
            _remove(self._path)
        where = self._path.relative_to(home())
        print(f"cache: {where} {said} ({error}): this run goes on without it", file=sys.stderr, flush=True)


def _remove(path):
    """The file, and the journal by which SQLite would mend it."""
    for name in (path, path.with_name(f"{path.name}-journal")):
        try:
            name.unlink(missing_ok=True)
        except OSError:  # the folder is a file, or not ours to write: there is nothing to remove
            return


def _is_intact(key, value, crc):
    return isinstance(key, bytes) and isinstance(value, bytes) and crc32(value, crc32(key)) == crc
