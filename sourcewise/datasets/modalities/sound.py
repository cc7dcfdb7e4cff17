"""Recordings of sound: samples, int16."""

import hashlib
import os
import time
from functools import partial

import numpy as np

from sourcewise.audio.decode import Unreadable, decode
from sourcewise.audio.segments import cut
from sourcewise.compute.cached_map import cached
from sourcewise.core.paths import RAW
from sourcewise.datasets import storing
from sourcewise.datasets.clips import content_hash
from sourcewise.storage import fingerprints
from sourcewise.storage.fingerprints import digest

UNIT = "clip"


def store(dataset, recordings, audio, p, folder):
    """As `storing.store`; decoded recordings are cached."""
    version = digest(
        fingerprints.of("sourcewise/audio"),
        fingerprints.of("sourcewise/datasets/modalities", "sourcewise/datasets/storing.py"),
        audio,
        p.min_s,
    )
    work = partial(storing.decoded, RAW / dataset, decoder=partial(_decode, audio=audio, min_s=p.min_s))
    options = {"store": f"ingest-{version}", "title": "ingest", "unit": "recording", "compute": storing.compute()}
    keys = [_key(RAW / dataset / recording.path) for recording in recordings]
    results = cached(work, storing.items(dataset, recordings), keys, **options)
    return storing.store(recordings, results, np.int16, folder, rate=audio.sr, audio=audio, keep_copies=p.keep_copies)


def _decode(path, *, audio, min_s):
    """Samples, int16, up to the end of the last clip; in info also `length`, of the whole recording in samples, and
    the `remarks` of its Decoded."""
    y, sr_original, remarks = decode(path, sr=audio.sr)
    if len(y) < min_s * audio.sr:
        raise Unreadable(f"is shorter than {min_s:g} s")
    length = len(y)
    y, starts, stops = cut(y, segment=audio.segment, hop=audio.hop, shortest=min_s * audio.sr, pad=audio.pad)
    hashes = [content_hash(y[start:stop]) for start, stop in zip(starts, stops, strict=True)]
    info = {"starts": starts, "stops": stops, "hashes": hashes, "length": length}
    return y, info | {"sr_original": sr_original, "remarks": list(remarks)}


def _key(path):
    """16 bytes that change whenever the file does, from its path, inode, size and times.

    A file written within the last two seconds may change again within the same clock tick: its key is random, so that
    it is not cached.
    """
    try:
        stat, target = os.stat(path), os.path.realpath(path)
    except (OSError, ValueError) as error:
        return _digest(str(path), str(error))
    times = stat.st_mtime_ns, stat.st_ctime_ns
    fresh = time.time_ns() - max(times) < 2e9
    return _digest(str(path), target, stat.st_dev, stat.st_ino, stat.st_size, *times, os.urandom(8) if fresh else "")


def _digest(*parts):
    return hashlib.blake2b(ascii(parts).encode(), digest_size=16).digest()
