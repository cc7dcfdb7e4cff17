"""What modalities share: each file is decoded, or rejected with a reason, and its values appended to a flat file."""

import hashlib
import os
from typing import NamedTuple

from sourcewise.audio.decode import Unreadable
from sourcewise.audio.segments import padded_events, within
from sourcewise.compute.parallel import ComputeParams
from sourcewise.core import params
from sourcewise.core.paths import RAW
from sourcewise.datasets import dataset_file, manifest, resolver
from sourcewise.datasets.task import SEPARATOR
from sourcewise.storage.files import writer

BEYOND_S = 0.1  # by which an event may exceed the end of its recording, as lists are rounded


class Item(NamedTuple):
    """A recording, and the size of its file, so that fewer long ones are decoded at a time."""

    recording: dataset_file.Recording
    nbytes: int


def compute():
    """ComputeParams for decoding: always by threads of this process."""
    return params.load(ComputeParams, "compute").model_copy(update={"backend": "threads"})  # the files are local


def items(dataset, recordings):
    """An Item of each recording."""
    return [Item(recording, _size(RAW / dataset / recording.path)) for recording in recordings]


def decoded(root, item, *, decoder):
    """`decoder(path)` of a recording, as (values, info), or (None, the reason for which it is rejected).

    info: {`starts`, `stops`: in these values, `hashes`: one for each clip, `sr_original`}.
    """
    reason = resolver.fault(root, item.recording.path)
    if reason is not None:
        return None, reason
    try:
        return decoder(root / item.recording.path)
    except OSError as error:
        return None, f"cannot be opened: {error.strerror}"
    except Unreadable as reason:
        return None, str(reason)


class Stored(NamedTuple):
    """Rows of the manifest and of the events; rejected: (path, reason); copies: (path, copy_of) of recordings that were
    left out; remarks: (path, remark) of recordings that are read, but not as they are."""

    rows: list
    events: list
    rejected: list
    copies: list
    remarks: list


def store(recordings, results, dtype, folder, *, width=(), rate=0, audio=None, keep_copies):
    """Write values to a folder; returns what was Stored. results: what `decoded` returned for each recording.

    width: of a value; rate: values per second, 0 without a time axis; audio: AudioParams, None where it is not sound;
    keep_copies: whether recordings stay that are exact copies of others with the same labels, source and part.
    """
    rows, events, rejected, copies, remarks, written, first_of = [], [], [], [], [], 0, {}
    with writer(folder, dtype, width) as append:
        for recording, (y, info) in zip(recordings, results, strict=True):
            fault = info if y is None else _misplaced(recording.events, info.get("length", 0), rate)
            if fault:
                rejected.append((recording.path.encode("utf-8", "backslashreplace").decode(), fault))
                continue
            first = first_of.setdefault(_content(recording, info), recording.path)
            if first != recording.path and not keep_copies:
                copies.append((recording.path, first))
                continue
            clip_events = _events(recording, info, rate, audio.pad if audio else "none")
            clips = rows_of(recording, info, clip_events, written, rate, audio)
            rows += clips
            events += [(c["clip_id"], *event) for c, some in zip(clips, clip_events, strict=True) for event in some]
            remarks += [(recording.path, remark) for remark in info.get("remarks", ())]
            append(y)
            written += len(y)
    return Stored(rows, events, rejected, copies, remarks)


def _content(recording, info):
    """What two recordings share that are copies of each other."""
    clips = tuple(info["hashes"]), info.get("length")
    return clips, recording.labels, recording.source, recording.given, tuple(recording.events)


def rows_of(recording, info, events, written, rate, audio):
    """The manifest's rows of a recording whose values follow `written` others; with events, a clip's labels are those
    of its own events. audio: None where it is not sound."""
    sr, cuts = (audio.sr, audio.segment is not None) if audio else (0, False)
    parent = recording.id
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
            "sr_original": info["sr_original"],
            "hash": digest,
            "origin": "",
            "given": recording.given,
        }
        for k, (start, stop, digest) in enumerate(zip(info["starts"], info["stops"], info["hashes"], strict=True))
    ]


def hashed(values):
    """128 bits of an array, its shape included, as hex digits."""
    key = f"{values.dtype.newbyteorder('<').str}{values.shape}".encode()
    return hashlib.blake2b(values.astype(values.dtype.newbyteorder("<")), key=key, digest_size=16).hexdigest()


def misplaced(onset, offset, length_s):
    """The start of a sentence about times that cannot belong to a recording of length_s; None where they can."""
    beyond = onset >= length_s or offset > length_s + BEYOND_S
    return f"ends at {length_s:.3f} s, but has" if beyond else None


def _misplaced(events, length, rate):
    """Why events cannot belong to a recording of `length` values; None where they can."""
    for onset, offset, label in events:
        fault = misplaced(onset, offset, length / rate)
        if fault is not None:
            return f"{fault} an event {label!r} from {onset:g} to {offset:g} s"
    return None


def _events(recording, info, rate, pad):
    """The events of each clip of a recording as (onset in s, offset in s, label)."""
    spans = list(zip(info["starts"], info["stops"], strict=True))
    if not recording.events:
        return [[] for _ in spans]
    events = [(on * rate, min(off * rate, info["length"]), label) for on, off, label in recording.events]
    events = padded_events(events, n_samples=info["length"], end=spans[-1][1], pad=pad)
    clips = [within(events, start, stop) for start, stop in spans]
    return [[(round(on / rate, 6), round(off / rate, 6), label) for on, off, label in clip] for clip in clips]


def _labels(events):
    return SEPARATOR.join(sorted({label for _, _, label in events}))


def _size(path):
    try:
        return os.path.getsize(path)
    except (OSError, ValueError):  # missing, or no valid name: see `decoded`
        return 0
