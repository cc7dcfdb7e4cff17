"""Recordings of sound: samples, int16."""

import hashlib
import os
import time
from functools import partial
from itertools import groupby

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
    """As `storing.store`; decoded files are cached. A file of which recordings are parts is decoded once, as a whole.

    recordings: those of one file one after the other.
    """
    is_whole = all(recording.span is None for recording in recordings)
    of_files = audio if is_whole else audio.model_copy(update={"segment_s": None, "hop_s": None})
    version = digest(
        fingerprints.of("sourcewise/audio"),
        fingerprints.of("sourcewise/datasets/modalities", "sourcewise/datasets/storing.py"),
        of_files,
        p.min_s,
    )
    files = [next(same) for _, same in groupby(recordings, key=lambda recording: recording.path)]
    work = partial(storing.decoded, RAW / dataset, decoder=partial(_decode, audio=of_files, min_s=p.min_s))
    options = {"store": f"ingest-{version}", "title": "ingest", "unit": "recording", "compute": storing.compute()}
    keys = [_key(RAW / dataset / recording.path) for recording in files]
    results = cached(work, storing.items(dataset, files), keys, **options)
    if not is_whole:
        results = _parts(recordings, results, audio, p.min_s)
    return storing.store(recordings, results, np.int16, folder, rate=audio.sr, audio=audio, keep_copies=p.keep_copies)


def _parts(recordings, results, audio, min_s):
    """For each recording its part of a file, as `storing.decoded` returns it; results: those of the files."""
    of_file = groupby(recordings, key=lambda recording: recording.path)
    for (y, info), (_, same) in zip(results, of_file, strict=True):
        for recording in same:
            yield (y, info) if y is None or recording.span is None else _part(y, info, recording, audio, min_s)


def _part(y, info, recording, audio, min_s):
    """The part of a file's samples y that a recording is."""
    start, stop = recording.span
    fault = storing.misplaced(start, stop, len(y) / audio.sr)
    if fault is not None:
        return None, f"{fault} a part {recording.labels!r} from {start:g} to {stop:g} s"
    part = y[round(start * audio.sr) : round(stop * audio.sr)]
    try:
        if not len(part) or part.min() == part.max():
            raise Unreadable("is silent")
        part, cuts = _clips(part, audio, min_s)
    except Unreadable as reason:
        return None, f"{reason} from {start:g} to {stop:g} s"
    return part, info | cuts


def _decode(path, *, audio, min_s):
    """Samples, int16, up to the end of the last clip; in info also `length`, of the whole recording in samples, and
    the `remarks` of its Decoded."""
    y, sr_original, remarks = decode(path, sr=audio.sr)
    y, cuts = _clips(y, audio, min_s)
    return y, cuts | {"sr_original": sr_original, "remarks": list(remarks)}


def _clips(y, audio, min_s):
    """Samples up to the end of the last clip, and where the clips lie in them."""
    if len(y) < min_s * audio.sr:
        raise Unreadable(f"is shorter than {min_s:g} s")
    length = len(y)
    y, starts, stops = cut(y, segment=audio.segment, hop=audio.hop, shortest=min_s * audio.sr, pad=audio.pad)
    hashes = [content_hash(y[start:stop]) for start, stop in zip(starts, stops, strict=True)]
    return y, {"starts": starts, "stops": stops, "hashes": hashes, "length": length}


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
