"""DVC stage `ingest`: every recording of the dataset, decoded, into one flat file; the manifest; the events of each
clip, where the dataset tells them; what was rejected."""

import hashlib
import os
import stat
import time
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from pydantic import PositiveFloat

from stages.audio.decode import Unreadable, decode
from stages.audio.segments import cut, heard, within
from stages.core import card, code, manifest, params
from stages.core.card import RAW
from stages.core.clips import content_hash
from stages.core.command import run
from stages.core.memo import digest, remembered
from stages.core.parallel import ComputeParams
from stages.core.params import AudioParams, Section, Share
from stages.core.stop import Stop
from stages.core.storage import CLIPS, writer
from stages.core.task import SEPARATOR, Task

REJECTED = "data/rejected.csv"
BEYOND_S = 0.1  # how far an event may reach beyond the end of its recording: lists round


class IngestParams(Section):
    """`ingest`: the shortest recording, and last piece of one, that is taken, in seconds; the share of rejected files
    that stops the run."""

    min_s: PositiveFloat
    max_rejected: Share


class Item(NamedTuple):
    """A recording, and the size of its file, so that few long ones are decoded at a time."""

    recording: card.Recording
    nbytes: int


def main():
    """Decode all, in the order of recordings' ids; stop where too much is rejected."""
    p = params.load(IngestParams, "ingest")
    audio = params.load(AudioParams, "audio")
    dataset = params.dataset()
    recordings = sorted(card.read(dataset), key=lambda recording: manifest.clip_id(recording.path))
    compute = params.load(ComputeParams, "compute").model_copy(update={"backend": "threads"})  # the files lie here
    version = digest(code.of("audio"), code.of("ingest.py"), audio, p.min_s)
    work = partial(_decoded, RAW / dataset, audio=audio, min_s=p.min_s)
    paths = [RAW / dataset / recording.path for recording in recordings]
    items = [Item(recording, _size(path)) for recording, path in zip(recordings, paths, strict=True)]
    how = {"store": f"ingest-{version}", "what": "ingest", "unit": "recording", "compute": compute}
    decoded = remembered(work, items, list(map(_key, paths)), **how)
    rows, events, rejected, beyond = _store(recordings, decoded, audio)
    manifest.write(pd.DataFrame(sorted(rejected), columns=["path", "reason"]), REJECTED)
    _stop_if_too_many(rejected, len(recordings), p.max_rejected)
    table = pd.DataFrame(rows, columns=manifest.COLUMNS).sort_values("clip_id", ignore_index=True)
    _stop_if_a_class_is_gone(recordings, table)
    manifest.write(table, manifest.MANIFEST)
    manifest.write(pd.DataFrame(sorted(events), columns=manifest.EVENT_COLUMNS), manifest.EVENTS)
    task = Task.of(table["labels"])
    task.write()
    print(
        f"ingest: {len(table)} clips of {table['source'].nunique()} sources in {len(task.classes)} classes, "
        f"{table['duration_s'].sum() / 60:.1f} minutes at {audio.sr} Hz; {len(rejected)} rejected ({REJECTED})"
        + (f"; cut from {table['parent'].nunique()} recordings" if audio.segment else "")
        + (f"; {beyond} go beyond full scale and were clipped there" if beyond else "")
    )


def _store(recordings, decoded, audio):
    """Samples to data/clips; back come the rows of the manifest and of the events, what was rejected, and how many went
    beyond full scale."""
    rows, events, rejected, beyond, written = [], [], [], 0, 0
    with writer(CLIPS, np.int16) as append:
        for recording, (y, found) in zip(recordings, decoded, strict=True):
            fault = found if y is None else _misplaced(recording.events, found["length"] / audio.sr)
            if fault:
                rejected.append((recording.path.encode("utf-8", "backslashreplace").decode(), fault))
                continue
            here = _events(recording, found, audio)
            clips = _rows(recording, found, here, written, audio)
            rows += clips
            events += [(clip["clip_id"], *event) for clip, there in zip(clips, here, strict=True) for event in there]
            beyond += found["clipped"]
            append(y)
            written += len(y)
    return rows, events, rejected, beyond


def _misplaced(events, end_s):
    """Why a recording of end_s seconds cannot be the one that the events were heard in; None where it can."""
    for onset, offset, label in events:
        if onset >= end_s or offset > end_s + BEYOND_S:
            return f"ends at {end_s:.3f} s, but has an event {label!r} from {onset:g} to {offset:g} s"
    return None


def _events(recording, found, audio):
    """The events of each clip of a recording as (onset in s, offset in s, label)."""
    events = [(on * audio.sr, min(off * audio.sr, found["length"]), label) for on, off, label in recording.events]
    events = heard(events, n_samples=found["length"], end=max(found["stops"]), pad=audio.pad)
    clips = [within(events, start, stop) for start, stop in zip(found["starts"], found["stops"], strict=True)]
    return [[(round(on / audio.sr, 6), round(off / audio.sr, 6), name) for on, off, name in clip] for clip in clips]


def _key(path):
    """16 bytes that change whenever the file does, as no write leaves its times and its place on the disk as they were.

    A file written within the last two seconds may be written again within the same tick: its key is never met again.
    """
    try:
        found, place = os.stat(path), os.path.realpath(path)
    except OSError as error:
        return _digest(str(path), error.errno)
    times = found.st_mtime_ns, found.st_ctime_ns
    fresh = time.time_ns() - max(times) < 2e9
    return _digest(str(path), place, found.st_dev, found.st_ino, found.st_size, *times, os.urandom(8) if fresh else "")


def _size(path):
    try:
        return os.path.getsize(path)
    except OSError:
        return 0


def _digest(*parts):
    return hashlib.blake2b(ascii(parts).encode(), digest_size=16).digest()


def _decoded(root, item, *, audio, min_s):
    """One recording as (samples, int16, as far as its clips reach; what else is known), or (None, why there is none).

    What else is known: `starts` and `stops` in these samples and `hashes`, one a clip; `length`, the samples of the
    whole recording; `sr_original`; `clipped`, whether it went beyond full scale.
    """
    recording = item.recording
    try:
        if not _is_utf8(recording.path):
            raise Unreadable("has a name that is not UTF-8")
        path = root / recording.path
        if not path.resolve().is_relative_to(root.resolve()):
            raise Unreadable("leads out of the dataset's folder")
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise Unreadable("is not a regular file")
        y, sr_original, clipped = decode(path, sr=audio.sr)
        if len(y) < min_s * audio.sr:
            raise Unreadable(f"is shorter than {min_s:g} s")
        length = len(y)
        y, starts, stops = cut(y, segment=audio.segment, hop=audio.hop, shortest=min_s * audio.sr, pad=audio.pad)
        hashes = [content_hash(y[start:stop]) for start, stop in zip(starts, stops, strict=True)]
        known = {"starts": starts, "stops": stops, "hashes": hashes, "length": length}
        return y, known | {"sr_original": sr_original, "clipped": clipped}
    except OSError as error:
        return None, f"cannot be opened: {error.strerror}"
    except Unreadable as reason:
        return None, str(reason)


def _rows(recording, found, events, written, audio):
    """The manifest's rows of a recording whose samples lie behind `written` others; where it has events, the labels of
    a clip are those of its own."""
    parent = manifest.clip_id(recording.path)
    return [
        {
            "clip_id": parent if audio.segment is None else manifest.segment_id(parent, k),
            "path": recording.path,
            "labels": _labels(events[k]) if recording.events else recording.labels,
            "source": recording.source,
            "parent": parent,
            "start": written + start,
            "n_samples": stop - start,
            "duration_s": round((stop - start) / audio.sr, 6),
            "sr": audio.sr,
            "sr_original": found["sr_original"],
            "hash": digest,
            "origin": "",
            "given": recording.given,
        }
        for k, (start, stop, digest) in enumerate(zip(found["starts"], found["stops"], found["hashes"], strict=True))
    ]


def _labels(events):
    return SEPARATOR.join(sorted({label for _, _, label in events}))


def _stop_if_too_many(rejected, n, allowed):
    share = len(rejected) / n
    if share > allowed or len(rejected) == n:
        first = "; ".join(f"{path!r} {reason}" for path, reason in sorted(rejected)[:10])
        raise Stop(
            f"ingest: {len(rejected)} of {n} files ({share:.1%}) were rejected, ingest.max_rejected allows "
            f"{allowed:.1%}: mend them, take them out, or raise it. First: {first}"
        )


def _stop_if_a_class_is_gone(recordings, table):
    before, after = (Task.of(labels).classes for labels in ([r.labels for r in recordings], table["labels"]))
    gone = sorted(set(before) - set(after))
    if gone:
        raise Stop(f"ingest: every file of class {', '.join(map(ascii, gone))} was rejected, see {REJECTED}")
    lost = sorted({r.source for r in recordings} - set(table["source"]))
    if lost:
        print(f"ingest: every file of {len(lost)} sources was rejected: {', '.join(map(ascii, lost[:10]))}")


def _is_utf8(name):
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


if __name__ == "__main__":
    run(main)
