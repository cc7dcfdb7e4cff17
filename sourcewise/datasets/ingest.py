"""Every recording of a dataset, decoded, and what is known of each clip.

Of a corpus that is no sound, its log-mel frames, the rows of its table, or the files of its pictures, stand in the
place of samples.
"""

import pandas as pd
from pydantic import PositiveFloat

from sourcewise.core import messages, registry
from sourcewise.core.errors import Stop, named
from sourcewise.core.params import Section, Share
from sourcewise.core.paths import EVENTS, MANIFEST, REJECTED
from sourcewise.datasets import clips, dataset_file, manifest
from sourcewise.datasets.task import Task


class IngestParams(Section):
    """`ingest`: the shortest recording, and last piece of one, that is taken, in seconds; the share of rejected files
    that stops the run."""

    min_s: PositiveFloat
    max_rejected: Share


def ingest(dataset, p, audio):
    """Decode all, in the order of recordings' ids, into data/clips; write the manifest, the labels, the events and what
    was rejected. Stops where too much is. p: IngestParams; audio: AudioParams."""
    recordings = sorted(dataset_file.read(dataset), key=lambda recording: manifest.clip_id(recording.path))
    name = dataset_file.load(dataset).modality
    modality = registry.module("datasets.modalities", name)
    rows, events, rejected, beyond = modality.store(dataset, recordings, audio, p)
    clips.write_modality(name)
    manifest.write(pd.DataFrame(sorted(rejected), columns=["path", "reason"]), REJECTED)
    _stop_if_too_many(rejected, len(recordings), p.max_rejected)
    table = pd.DataFrame(rows, columns=manifest.COLUMNS).sort_values("clip_id", ignore_index=True)
    fewest = 1 if name == "pictures" else 2  # generators learn from pictures of one class
    _stop_if_a_class_is_gone(recordings, table, fewest)
    manifest.write(table, MANIFEST)
    manifest.write(pd.DataFrame(sorted(events), columns=manifest.EVENT_COLUMNS), EVENTS)
    task = Task.of(table["labels"], fewest)
    task.write()
    sound = f", {table['duration_s'].sum() / 60:.1f} minutes at {audio.sr} Hz" if name == "sound" else ""
    messages.info(
        f"{len(table)} {modality.UNIT}s of {table['source'].nunique()} sources in {len(task.classes)} "
        f"class{'es' * (len(task.classes) > 1)}{sound}; {len(rejected)} rejected ({REJECTED})"
        + (f"; cut from {table['parent'].nunique()} recordings" if audio.segment and sound else "")
        + (f"; {beyond} go beyond full scale and were clipped there" if beyond else "")
    )


def _stop_if_too_many(rejected, n, allowed):
    share = len(rejected) / n
    if share > allowed or len(rejected) == n:
        first = "; ".join(f"{path!r} {reason}" for path, reason in sorted(rejected)[:10])
        raise Stop(
            f"{len(rejected)} of {n} files ({share:.1%}) were rejected, ingest.max_rejected allows "
            f"{allowed:.1%}: mend them, take them out, or raise it. First: {first}"
        )


def _stop_if_a_class_is_gone(recordings, table, fewest):
    before, after = (Task.of(labels, fewest).classes for labels in ([r.labels for r in recordings], table["labels"]))
    gone = sorted(set(before) - set(after))
    if gone:
        raise Stop(f"every file of class {named(gone)} was rejected, see {REJECTED}")
    lost = sorted({r.source for r in recordings} - set(table["source"]))
    if lost:
        messages.info(f"every file of {len(lost)} sources was rejected: {', '.join(map(ascii, lost[:10]))}")
