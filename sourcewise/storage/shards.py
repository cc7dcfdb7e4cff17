"""The features of clips in shards of about a hundred clips, so that one more clip changes one file.

DVC hashes, stores and sends whole files; one file for all clips would change with each. Which clips share a shard
depends on their names and lengths alone. A shard that was not touched, and whose clips, parameters and code are
unchanged, stays: `persist` in dvc.yaml keeps DVC from removing it before the stage runs.
"""

import json
import shutil
from hashlib import blake2b
from itertools import groupby, pairwise
from operator import itemgetter
from zlib import crc32

import numpy as np

from sourcewise.storage import fingerprints
from sourcewise.storage.cache import Store
from sourcewise.storage.files import rows_writer, sha256, write_json, write_offsets
from sourcewise.storage.fingerprints import digest
from sourcewise.storage.serialise import singly

CLIPS = 128  # mean number of clips in a shard,
SAMPLES = 1 << 23  # or of samples, if clips are long


def write(folder, table, keys, made, *, dtype, width, version, compute):
    """Write shards/<name>.npy, each the rows, (n,) + width, of consecutive clips of a table; shards.json, their names
    in order; and offsets.npy. Removes anything else from the folder. Returns {path: `files.sha256`} of the shards.

    keys: a digest of each clip's content, 16 bytes; made(rows): `cached_map.blocks` of the clips in these rows of the
    table; version: a name of all else that they depend on. compute.cache_gb limits .cache/; with 0 every shard is
    rewritten.
    """
    shards = [(_name(keys[rows.start : rows.stop]), rows) for rows in _groups(table)]
    version = digest(version, *map(fingerprints.of, ("sourcewise/storage/shards.py", "sourcewise/storage/files.py")))
    with Store(f"shards-{version}", limit=compute.cache_bytes) as known:
        kept = {name: _kept(known, folder, name) for name, _ in shards}
        missing = {name: rows for name, rows in shards if kept[name] is None}
        _clear(folder, {name for name, _ in shards if name not in missing})
        results = singly(made([row for rows in missing.values() for row in rows]))
        for name, clips in groupby(zip(_each(missing), results, strict=True), itemgetter(0)):
            with rows_writer(_path(folder, name), dtype, width) as append:
                lengths = [append(np.frombuffer(data, dtype).reshape(-1, *width)) for _, data in clips]
            kept[name] = lengths, sha256(_path(folder, name))
            known.put(bytes.fromhex(name), json.dumps([_stamp(_path(folder, name)), *kept[name]]).encode())
    write_offsets(folder, [length for name, _ in shards for length in kept[name][0]])
    write_json(folder / "shards.json", [name for name, _ in shards])
    return {_path(folder, name): kept[name][1] for name, _ in shards}


def _groups(table):
    """The rows of each shard. Whether a shard ends after a clip is drawn by the clip's name, so that it does not depend
    on other clips."""
    ends, drawn = {0, len(table)}, zip(table["clip_id"].tolist(), table["n_samples"].tolist(), strict=True)
    for row, (name, n_samples) in enumerate(drawn):
        if crc32(name.encode()) < (1 / CLIPS + n_samples / SAMPLES) * 2**32:
            ends.add(row + 1)
    return [range(*pair) for pair in pairwise(sorted(ends))]


def _each(missing):
    return (name for name, rows in missing.items() for _ in rows)


def _name(keys):
    return blake2b(b"".join(keys), digest_size=16).hexdigest()


def _path(folder, name):
    return folder / "shards" / f"{name}.npy"


def _kept(known, folder, name):
    """The number of rows of each clip in a shard, and its sha256; None if the file is missing or was touched."""
    data = known.get(bytes.fromhex(name))
    stamp, *kept = json.loads(bytes(data)) if data else [None]
    return kept if stamp and stamp == _stamp(_path(folder, name)) else None


def _stamp(path):
    """Size, time of change and inode, by which DVC, too, sees that nobody touched a file; None if there is none."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    return [status.st_size, status.st_mtime_ns, status.st_ino]


def _clear(folder, names):
    """Remove all but these files."""
    shards = folder / "shards"
    shards.mkdir(parents=True, exist_ok=True)
    keep = {shards, *(_path(folder, name) for name in names)}
    for path in [*folder.iterdir(), *shards.iterdir()]:
        if path not in keep:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
