"""DVC stage `ingest`: every recording of the dataset, decoded, into one flat file; the manifest; what was rejected."""

import os
import stat
from functools import partial

import numpy as np
import pandas as pd
from pydantic import PositiveFloat

from stages.audio.decode import Unreadable, decode
from stages.core import card, manifest, params
from stages.core.card import RAW
from stages.core.command import run
from stages.core.parallel import each
from stages.core.params import AudioParams, Section, Share
from stages.core.stop import Stop
from stages.core.storage import CLIPS, writer
from stages.core.task import Task

REJECTED = "data/rejected.csv"


class IngestParams(Section):
    """`ingest`: the shortest recording that is taken, in seconds; the share of rejected files that stops the run."""

    min_s: PositiveFloat
    max_rejected: Share


def main():
    """Decode all, in the order of clip ids; stop where too much is rejected."""
    p = params.load(IngestParams, "ingest")
    sr = params.load(AudioParams, "audio").sr
    dataset = params.dataset()
    recordings = sorted(card.read(dataset), key=lambda recording: manifest.clip_id(recording.path))
    rows, rejected, beyond = [], [], 0
    with writer(CLIPS, np.int16) as append:
        clips = each(partial(_clip, RAW / dataset, sr=sr, min_s=p.min_s), recordings, what="ingest")
        for recording, clip in zip(recordings, clips, strict=True):
            if isinstance(clip, Unreadable):
                rejected.append((recording.path.encode("utf-8", "backslashreplace").decode(), str(clip)))
                continue
            y, sr_original, clipped = clip
            start = rows[-1]["start"] + rows[-1]["n_samples"] if rows else 0
            rows.append(_row(recording, start, len(y), sr, sr_original))
            beyond += clipped
            append(y)
    manifest.write(pd.DataFrame(sorted(rejected), columns=["path", "reason"]), REJECTED)
    _stop_if_too_many(rejected, len(recordings), p.max_rejected)
    table = pd.DataFrame(rows, columns=manifest.COLUMNS)
    _stop_if_a_class_is_gone(recordings, table)
    manifest.write(table, manifest.MANIFEST)
    task = Task.of(table["labels"])
    task.write()
    print(
        f"ingest: {len(table)} clips of {table['source'].nunique()} sources in {len(task.classes)} classes, "
        f"{table['duration_s'].sum() / 60:.1f} minutes at {sr} Hz; {len(rejected)} rejected ({REJECTED})"
        + (f"; {beyond} go beyond full scale and were clipped there" if beyond else "")
    )


def _clip(root, recording, *, sr, min_s):
    """One decoded recording, or why there is none."""
    try:
        if not _is_utf8(recording.path):
            raise Unreadable("has a name that is not UTF-8")
        path = root / recording.path
        if not path.resolve().is_relative_to(root.resolve()):
            raise Unreadable("leads out of the dataset's folder")
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise Unreadable("is not a regular file")
        y, sr_original, clipped = decode(path, sr=sr)
        if len(y) < min_s * sr:
            raise Unreadable(f"is shorter than {min_s:g} s")
        return y, sr_original, clipped
    except OSError as error:
        return Unreadable(f"cannot be opened: {error.strerror}")
    except Unreadable as reason:
        return reason


def _row(recording, start, n_samples, sr, sr_original):
    clip_id = manifest.clip_id(recording.path)
    return {
        "clip_id": clip_id,
        "path": recording.path,
        "labels": recording.labels,
        "source": recording.source,
        "parent": clip_id,
        "start": start,
        "n_samples": n_samples,
        "duration_s": round(n_samples / sr, 6),
        "sr": sr,
        "sr_original": sr_original,
        "origin": "",
    }


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
