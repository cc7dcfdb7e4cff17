"""Every recording of a dataset decoded, with the metadata of each clip.

In other modalities than sound, log-mel frames, table rows, or the bytes of picture files replace the samples.
"""

from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from pydantic import PositiveFloat

from sourcewise.core import messages, registry
from sourcewise.core.errors import Stop, count, named
from sourcewise.core.params import Section, Share
from sourcewise.core.paths import CLIPS, EVENTS, LEFT_OUT, MANIFEST, REJECTED, REMARKS
from sourcewise.datasets import clips, dataset_file, manifest, storing, twins
from sourcewise.datasets.task import Task

DATA = Path("data")


class IngestParams(Section):
    """`ingest`: the minimum duration of a recording, and of its last segment, in seconds; the share of rejected files
    above which the run stops; whether recordings that are exact copies of others of their labels and source stay."""

    min_s: PositiveFloat
    max_rejected: Share
    keep_copies: bool


class Decoded(NamedTuple):
    """The Recordings of a dataset; the manifest of those that were decoded; what was Stored of them."""

    recordings: list
    table: pd.DataFrame
    stored: storing.Stored


def decode_all(dataset, p, audio, folder=DATA):
    """Decode all, in the order of recordings' ids, into `clips` in a folder; write beside it the manifest, the events,
    the rejected files, the copies that were left out, and the remarks on the others. Stops where too many are rejected.
    Returns the Decoded. p: IngestParams; audio: AudioParams."""
    recordings = sorted(dataset_file.read(dataset), key=lambda one: (manifest.clip_id(one.path), one.span or ()))
    modality = registry.module("datasets.modalities", dataset_file.load(dataset).modality)
    stored = modality.store(dataset, recordings, audio, p, folder / CLIPS.name)
    manifest.write(pd.DataFrame(sorted(set(stored.rejected)), columns=["path", "reason"]), folder / REJECTED.name)
    manifest.write(pd.DataFrame(sorted(stored.copies), columns=["path", "copy_of"]), folder / LEFT_OUT.name)
    manifest.write(pd.DataFrame(sorted(set(stored.remarks)), columns=["path", "remark"]), folder / REMARKS.name)
    _stop_if_too_many(stored.rejected, len(recordings), p.max_rejected)
    table = pd.DataFrame(stored.rows, columns=manifest.COLUMNS).sort_values("clip_id", ignore_index=True)
    manifest.write(table, folder / MANIFEST.name)
    manifest.write(pd.DataFrame(sorted(stored.events), columns=manifest.EVENT_COLUMNS), folder / EVENTS.name)
    return Decoded(recordings, table, stored)


def ingest(dataset, p, audio):
    """`decode_all` into data, and the labels. Stops where all files of a class are rejected. Prints what was done."""
    name = dataset_file.load(dataset).modality
    recordings, table, (_, _, rejected, copies, remarks) = decode_all(dataset, p, audio)
    modality = registry.module("datasets.modalities", name)
    clips.write_modality(name)
    fewest = 1 if name == "pictures" else 2  # generators learn from pictures of one class
    _stop_if_a_class_is_gone(recordings, table, fewest)
    task = Task.of(table["labels"], fewest)
    task.write()
    for names, noun in ((task.classes, "classes"), (table["source"].unique(), "sources")):
        told = twins.sentence(names, noun)
        if told:
            messages.warn(told)
    sound = f", {table['duration_s'].sum() / 60:.1f} minutes at {audio.sr} Hz" if name == "sound" else ""
    messages.info(
        f"{count(len(table), modality.UNIT)} of {count(table['source'].nunique(), 'source')} in "
        f"{count(len(task.classes), 'class', 'classes')}{sound}; {len(rejected)} rejected ({REJECTED})"
        + (f"; cut from {count(table['parent'].nunique(), 'recording')}" if audio.segment and sound else "")
        + (f"; {count(len(copies), 'exact copy', 'exact copies')} left out ({LEFT_OUT})" if copies else "")
    )
    for remark, paths in _by_remark(remarks):
        messages.warn(f"{count(len(paths), 'recording')} with {remark} (first: {paths[0]!r}; all: {REMARKS})")


def _by_remark(remarks):
    """(remark, the paths of its recordings), sorted."""
    paths_of = defaultdict(list)
    for path, remark in sorted(set(remarks)):
        paths_of[remark].append(path)
    return sorted(paths_of.items())


def _stop_if_too_many(rejected, n, allowed):
    share = len(rejected) / n
    if share > allowed or len(rejected) == n:
        first = "; ".join(f"{path!r} {reason}" for path, reason in sorted(set(rejected))[:10])
        raise Stop(
            f"{len(rejected)} of {n} files ({share:.1%}) were rejected, ingest.max_rejected allows "
            f"{allowed:.1%}: repair or remove them, or raise it. First: {first}"
        )


def _stop_if_a_class_is_gone(recordings, table, fewest):
    before, after = (Task.of(labels, fewest).classes for labels in ([r.labels for r in recordings], table["labels"]))
    gone = sorted(set(before) - set(after))
    if gone:
        raise Stop(f"every file of class {named(gone)} was rejected, see {REJECTED}")
    lost = sorted({r.source for r in recordings} - set(table["source"]))
    if lost:
        messages.info(f"every file of {count(len(lost), 'source')} was rejected: {', '.join(map(ascii, lost[:10]))}")
