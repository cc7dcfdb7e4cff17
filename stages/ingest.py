"""DVC stage `ingest`: every recording of the dataset, decoded, into one flat file; the manifest; the events of each
clip, where the dataset tells them; what was rejected.

Of a corpus that is no sound, its log-mel frames, the rows of its table, or the files of its pictures, stand in the
place of samples.
"""

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
from stages.core import card, clips, code, manifest, params, pictures, registry
from stages.core.card import RAW
from stages.core.clips import content_hash
from stages.core.command import run
from stages.core.memo import digest, remembered
from stages.core.parallel import ComputeParams, each
from stages.core.params import AudioParams, Section, Share
from stages.core.stop import Stop
from stages.core.storage import CLIPS, fresh_folder, writer
from stages.core.task import SEPARATOR, Task

REJECTED = "data/rejected.csv"
BEYOND_S = 0.1  # how far an event may reach beyond the end of its recording: lists round
#: What a clip is called, in each kind of corpus.
UNITS = {"sound": "clips", "mel": "clips", "table": "rows", "pictures": "pictures"}


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
    kind = card.kind(dataset)
    store = {"sound": _sounds, "mel": _mels, "table": _table, "pictures": _pictures}[kind]
    rows, events, rejected, beyond = store(dataset, recordings, audio, p)
    clips.write_kind(kind)
    manifest.write(pd.DataFrame(sorted(rejected), columns=["path", "reason"]), REJECTED)
    _stop_if_too_many(rejected, len(recordings), p.max_rejected)
    table = pd.DataFrame(rows, columns=manifest.COLUMNS).sort_values("clip_id", ignore_index=True)
    fewest = 1 if kind == "pictures" else 2  # generators learn from pictures of one class
    _stop_if_a_class_is_gone(recordings, table, fewest)
    manifest.write(table, manifest.MANIFEST)
    manifest.write(pd.DataFrame(sorted(events), columns=manifest.EVENT_COLUMNS), manifest.EVENTS)
    task = Task.of(table["labels"], fewest)
    task.write()
    sound = f", {table['duration_s'].sum() / 60:.1f} minutes at {audio.sr} Hz" if kind == "sound" else ""
    print(
        f"ingest: {len(table)} {UNITS[kind]} of {table['source'].nunique()} sources in {len(task.classes)} "
        f"class{'es' * (len(task.classes) > 1)}{sound}; {len(rejected)} rejected ({REJECTED})"
        + (f"; cut from {table['parent'].nunique()} recordings" if audio.segment and sound else "")
        + (f"; {beyond} go beyond full scale and were clipped there" if beyond else "")
    )


def _sounds(dataset, recordings, audio, p):
    """Samples to data/clips; back come the rows of the manifest and of the events, what was rejected, and how many went
    beyond full scale."""
    version = digest(code.of("audio"), code.of("ingest.py"), audio, p.min_s)
    work = partial(_decoded, RAW / dataset, partial(_sound, audio=audio, min_s=p.min_s))
    paths, items = _items(dataset, recordings)
    how = {"store": f"ingest-{version}", "what": "ingest", "unit": "recording", "compute": _compute()}
    found = remembered(work, items, list(map(_key, paths)), **how)
    return _store(recordings, found, np.int16, rate=audio.sr, audio=audio)


def _mels(dataset, recordings, audio, p):
    """Frames to data/clips, all of as many bands as the first."""
    own, (_, items) = card.load(dataset), _items(dataset, recordings)
    work = partial(
        _decoded, RAW / dataset, partial(_mel, frames=registry.module("readers", own.reader).frames, own=own)
    )
    found = each(work, items, what="ingest", unit="array", compute=_compute())
    first = next((y.shape[1] for y, _ in (work(item) for item in items) if y is not None), 1)
    alike = ((y, how) if y is None or y.shape[1] == first else (None, _bands(y, first)) for y, how in found)
    return _store(recordings, alike, np.float32, width=(first,), rate=own.frame_rate)


def _mel(path, *, frames, own):
    y = frames(path, own)
    return y, {"starts": [0], "stops": [len(y)], "hashes": [_hash(y)], "length": len(y), "sr_original": 0}


def _bands(y, first):
    return f"has {y.shape[1]} mel bands, the first has {first}"


def _pictures(dataset, recordings, audio, p):
    """The bytes of the files to data/clips, each once it is known to be whole."""
    _, items = _items(dataset, recordings)
    found = each(partial(_decoded, RAW / dataset, _picture), items, what="ingest", unit="picture", compute=_compute())
    return _store(recordings, found, np.uint8)


def _table(dataset, recordings, audio, p):
    """The rows to data/clips, in manifest order, as they stand in the CSV, if every column holds a number."""
    own = card.load(dataset)
    text = registry.module("readers", own.reader).rows(RAW / dataset, own)
    text = text.loc[[recording.path for recording in recordings]]
    numbers = text.apply(pd.to_numeric, errors="coerce").to_numpy(np.float64) + 0.0  # no negative zero
    usable = np.isfinite(numbers)
    rows, rejected = [], []
    for recording, row, good in zip(recordings, numbers, usable, strict=True):
        if good.all():
            found = {"starts": [0], "stops": [0], "hashes": [_hash(row)], "sr_original": 0}
            rows += _rows(recording, found, [[]], 0, 0, None)
        else:
            column = text.columns[good.argmin()]
            value = text.loc[recording.path, column]
            rejected.append((recording.path, f"has no number in column {column!r}, but {value!r}"))
    fresh_folder(CLIPS)
    kept = text[usable.all(axis=1)]
    ids = pd.Series([manifest.clip_id(path) for path in kept.index], index=kept.index, name="clip_id")
    manifest.write(pd.concat([ids, kept], axis=1), clips.ROWS)
    return rows, [], rejected, 0


def _compute():
    return params.load(ComputeParams, "compute").model_copy(update={"backend": "threads"})  # the files lie here


def _items(dataset, recordings):
    paths = [RAW / dataset / recording.path for recording in recordings]
    return paths, [Item(recording, _size(path)) for recording, path in zip(recordings, paths, strict=True)]


def _store(recordings, decoded, dtype, *, width=(), rate=0, audio=None):
    """As `_sounds`, of what `_decoded` gave.

    width: of a value; rate: values a second, 0 where there is no time; audio: of sound, how it was cut.
    """
    rows, events, rejected, beyond, written = [], [], [], 0, 0
    with writer(CLIPS, dtype, width) as append:
        for recording, (y, found) in zip(recordings, decoded, strict=True):
            fault = found if y is None else _misplaced(recording.events, found.get("length", 0), rate)
            if fault:
                rejected.append((recording.path.encode("utf-8", "backslashreplace").decode(), fault))
                continue
            here = _events(recording, found, rate, audio.pad if audio else "none")
            clips = _rows(recording, found, here, written, rate, audio)
            rows += clips
            events += [(clip["clip_id"], *event) for clip, there in zip(clips, here, strict=True) for event in there]
            beyond += found.get("clipped", 0)
            append(y)
            written += len(y)
    return rows, events, rejected, beyond


def _misplaced(events, length, rate):
    """Why a recording of `length` values cannot be the one that the events were heard in; None where it can."""
    for onset, offset, label in events:
        if onset * rate >= length or offset > length / rate + BEYOND_S:
            return f"ends at {length / rate:.3f} s, but has an event {label!r} from {onset:g} to {offset:g} s"
    return None


def _events(recording, found, rate, pad):
    """The events of each clip of a recording as (onset in s, offset in s, label)."""
    spans = list(zip(found["starts"], found["stops"], strict=True))
    if not recording.events:
        return [[] for _ in spans]
    events = [(on * rate, min(off * rate, found["length"]), label) for on, off, label in recording.events]
    events = heard(events, n_samples=found["length"], end=spans[-1][1], pad=pad)
    clips = [within(events, start, stop) for start, stop in spans]
    return [[(round(on / rate, 6), round(off / rate, 6), label) for on, off, label in clip] for clip in clips]


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


def _decoded(root, decoder, item):
    """What `decoder` gives of a recording's path: (values; what else is known); or (None, why there is nothing).

    What else is known: `starts` and `stops` in these values and `hashes`, one a clip; `sr_original`.
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
        return decoder(path)
    except OSError as error:
        return None, f"cannot be opened: {error.strerror}"
    except Unreadable as reason:
        return None, str(reason)


def _sound(path, *, audio, min_s):
    """Samples, int16, as far as the recording's clips reach; `length`, too, of the whole recording in samples, and
    `clipped`, whether it went beyond full scale."""
    y, sr_original, clipped = decode(path, sr=audio.sr)
    if len(y) < min_s * audio.sr:
        raise Unreadable(f"is shorter than {min_s:g} s")
    length = len(y)
    y, starts, stops = cut(y, segment=audio.segment, hop=audio.hop, shortest=min_s * audio.sr, pad=audio.pad)
    hashes = [content_hash(y[start:stop]) for start, stop in zip(starts, stops, strict=True)]
    known = {"starts": starts, "stops": stops, "hashes": hashes, "length": length}
    return y, known | {"sr_original": sr_original, "clipped": clipped}


def _picture(path):
    """The file's bytes, uint8; the hash is that of the pixels, whatever the file's format."""
    data = np.fromfile(path, np.uint8)
    pixels = pictures.pixels(data)
    if pixels is None:
        raise Unreadable("is no picture, or is damaged")
    return data, {"starts": [0], "stops": [len(data)], "hashes": [_hash(pixels)], "sr_original": 0}


def _hash(values):
    """128 bits of an array, its shape included, as hex digits."""
    key = f"{values.dtype.newbyteorder('<').str}{values.shape}".encode()
    return hashlib.blake2b(values.astype(values.dtype.newbyteorder("<")), key=key, digest_size=16).hexdigest()


def _rows(recording, found, events, written, rate, audio):
    """The manifest's rows of a recording whose values lie behind `written` others; where it has events, the labels of
    a clip are those of its own. audio: None where it is no sound."""
    sr, cuts = (audio.sr, audio.segment is not None) if audio else (0, False)
    parent = manifest.clip_id(recording.path)
    return [
        {
            "clip_id": manifest.segment_id(parent, k) if cuts else parent,
            "path": recording.path,
            "labels": _labels(events[k]) if recording.events else recording.labels,
            "source": recording.source,
            "parent": parent,
            "start": written + start,
            "n_samples": stop - start,
            "duration_s": round((stop - start) / rate, 6) if rate else 0.0,
            "sr": sr,
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


def _stop_if_a_class_is_gone(recordings, table, fewest):
    before, after = (Task.of(labels, fewest).classes for labels in ([r.labels for r in recordings], table["labels"]))
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
