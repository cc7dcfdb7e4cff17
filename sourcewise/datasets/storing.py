"""What corpora of files share: each is decoded, or it is told why not, and its values put behind those before."""

import hashlib
import os
import stat
from typing import NamedTuple

from sourcewise.audio.decode import Unreadable
from sourcewise.audio.segments import heard, within
from sourcewise.compute.parallel import ComputeParams
from sourcewise.core import params
from sourcewise.core.paths import CLIPS, RAW, escapes
from sourcewise.datasets import dataset_file, manifest
from sourcewise.datasets.task import SEPARATOR
from sourcewise.storage.files import writer

BEYOND_S = 0.1  # how far an event may reach beyond the end of its recording: lists round


class Item(NamedTuple):
    """A recording, and the size of its file, so that few long ones are decoded at a time."""

    recording: dataset_file.Recording
    nbytes: int


def compute():
    """Where files are decoded: in this process, whatever else runs elsewhere."""
    return params.load(ComputeParams, "compute").model_copy(update={"backend": "threads"})  # the files lie here


def items(dataset, recordings):
    """An Item of each recording."""
    return [Item(recording, _size(RAW / dataset / recording.path)) for recording in recordings]


def decoded(root, item, *, decoder):
    """What `decoder` gives of a recording's path: (values; what else is known); or (None, why there is nothing).

    What else is known: `starts` and `stops` in these values and `hashes`, one a clip; `sr_original`.
    """
    recording = item.recording
    try:
        if not _is_utf8(recording.path):
            raise Unreadable("has a name that is not UTF-8")
        path = root / recording.path
        if "\0" in recording.path:
            raise Unreadable("has a name that no file can have")
        if escapes(path, root):
            raise Unreadable("leads out of the dataset's folder")
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise Unreadable("is not a regular file")
        with open(path, "rb"):  # says why it cannot be, which decoders do not
            return decoder(path)
    except OSError as error:
        return None, f"cannot be opened: {error.strerror}"
    except Unreadable as reason:
        return None, str(reason)


def store(recordings, found_of_each, dtype, *, width=(), rate=0, audio=None):
    """Values to data/clips; back come the rows of the manifest and of the events, what was rejected, and how many
    recordings went beyond full scale. found_of_each: what `decoded` gave of each recording.

    width: of a value; rate: values a second, 0 where there is no time; audio: of sound, how it was cut.
    """
    rows, events, rejected, beyond, written = [], [], [], 0, 0
    with writer(CLIPS, dtype, width) as append:
        for recording, (y, found) in zip(recordings, found_of_each, strict=True):
            fault = found if y is None else _misplaced(recording.events, found.get("length", 0), rate)
            if fault:
                rejected.append((recording.path.encode("utf-8", "backslashreplace").decode(), fault))
                continue
            here = _events(recording, found, rate, audio.pad if audio else "none")
            clips = rows_of(recording, found, here, written, rate, audio)
            rows += clips
            events += [(clip["clip_id"], *event) for clip, there in zip(clips, here, strict=True) for event in there]
            beyond += found.get("clipped", 0)
            append(y)
            written += len(y)
    return rows, events, rejected, beyond


def rows_of(recording, found, events, written, rate, audio):
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


def hashed(values):
    """128 bits of an array, its shape included, as hex digits."""
    key = f"{values.dtype.newbyteorder('<').str}{values.shape}".encode()
    return hashlib.blake2b(values.astype(values.dtype.newbyteorder("<")), key=key, digest_size=16).hexdigest()


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


def _labels(events):
    return SEPARATOR.join(sorted({label for _, _, label in events}))


def _size(path):
    try:
        return os.path.getsize(path)
    except (OSError, ValueError):  # it is not there, or cannot be: see `decoded`
        return 0


def _is_utf8(name):
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
