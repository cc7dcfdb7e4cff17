"""The features of clips, a file for about a hundred of them, so that one clip more changes one file.

DVC hashes, stores and sends what changed; of one file for all clips that would be everything. Which clips share a file
depends on their names and lengths alone. A file that lies as it was left, and of which clips, parameters and code are
the same, stays: `persist` in dvc.yaml keeps DVC from removing it before the stage runs.
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

CLIPS = 128  # a file ends after one clip in so many,
SAMPLES = 1 << 23  # and where clips are long after about so many samples


def write(folder, table, keys, made, *, dtype, width, version, compute):
    """pieces/<name>.npy, each the rows, (n,) + width, of some consecutive clips of a table, one behind the other;
    pieces.json, their names in order; offsets.npy. Nothing else stays in the folder. Returns {path: `storage.sha256`}
    of the former.

    keys: what each clip's content is, 16 bytes; made(rows): `memo.blocks` of the clips in these rows of the table;
    version: a name of all else that they depend on. compute.cache_gb limits .cache/, where 0 makes every file anew.
    """
    pieces = [(_name(keys[rows.start : rows.stop]), rows) for rows in _groups(table)]
    version = digest(version, *map(fingerprints.of, ("sourcewise/storage/shards.py", "sourcewise/storage/files.py")))
    with Store(f"pieces-{version}", limit=compute.cache_bytes) as known:
        kept = {name: _kept(known, folder, name) for name, _ in pieces}
        missing = {name: rows for name, rows in pieces if kept[name] is None}
        _clear(folder, {name for name, _ in pieces if name not in missing})
        found = singly(made([row for rows in missing.values() for row in rows]))
        for name, clips in groupby(zip(_each(missing), found, strict=True), itemgetter(0)):
            with rows_writer(_path(folder, name), dtype, width) as append:
                lengths = [append(np.frombuffer(data, dtype).reshape(-1, *width)) for _, data in clips]
            kept[name] = lengths, sha256(_path(folder, name))
            known.put(bytes.fromhex(name), json.dumps([_stamp(_path(folder, name)), *kept[name]]).encode())
    write_offsets(folder, [length for name, _ in pieces for length in kept[name][0]])
    write_json(folder / "pieces.json", [name for name, _ in pieces])
    return {_path(folder, name): kept[name][1] for name, _ in pieces}


def _groups(table):
    """The rows of each file. After which clips one ends is drawn by their names, so that it does not depend on other
    clips."""
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
    return folder / "pieces" / f"{name}.npy"


def _kept(known, folder, name):
    """How many rows each clip in a file has, and its sha256; None where the file does not lie as it was left."""
    found = known.get(bytes.fromhex(name))
    stamp, *kept = json.loads(bytes(found)) if found else [None]
    return kept if stamp and stamp == _stamp(_path(folder, name)) else None


def _stamp(path):
    """What tells that nobody touched a file, as it does for DVC; None where there is none."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    return [found.st_size, found.st_mtime_ns, found.st_ino]


def _clear(folder, names):
    """Remove all but these files."""
    pieces = folder / "pieces"
    pieces.mkdir(parents=True, exist_ok=True)
    keep = {pieces, *(_path(folder, name) for name in names)}
    for path in [*folder.iterdir(), *pieces.iterdir()]:
        if path not in keep:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
