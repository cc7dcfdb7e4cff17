"""DVC stage `ingest`: every recording of the dataset, decoded, into one flat file; the manifest; the events of each
clip, where the dataset tells them; what was rejected.

Of a corpus that is no sound, its log-mel frames, the rows of its table, or the files of its pictures, stand in the
place of samples.
"""

import pandas as pd
from pydantic import PositiveFloat

from stages.core import card, clips, manifest, params, registry
from stages.core.command import run
from stages.core.params import AudioParams, Section, Share
from stages.core.stop import Stop, named
from stages.core.task import Task

REJECTED = "data/rejected.csv"


class IngestParams(Section):
    """`ingest`: the shortest recording, and last piece of one, that is taken, in seconds; the share of rejected files
    that stops the run."""

    min_s: PositiveFloat
    max_rejected: Share


def main():
    """Decode all, in the order of recordings' ids; stop where too much is rejected."""
    p = params.load(IngestParams, "ingest")
    audio = params.load(AudioParams, "audio")
    dataset = params.dataset()
    recordings = sorted(card.read(dataset), key=lambda recording: manifest.clip_id(recording.path))
    kind = card.kind(dataset)
    made_of = registry.module("kinds", kind)
    rows, events, rejected, beyond = made_of.store(dataset, recordings, audio, p)
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
        f"ingest: {len(table)} {made_of.UNIT}s of {table['source'].nunique()} sources in {len(task.classes)} "
        f"class{'es' * (len(task.classes) > 1)}{sound}; {len(rejected)} rejected ({REJECTED})"
        + (f"; cut from {table['parent'].nunique()} recordings" if audio.segment and sound else "")
        + (f"; {beyond} go beyond full scale and were clipped there" if beyond else "")
    )


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
        raise Stop(f"ingest: every file of class {named(gone)} was rejected, see {REJECTED}")
    lost = sorted({r.source for r in recordings} - set(table["source"]))
    if lost:
        print(f"ingest: every file of {len(lost)} sources was rejected: {', '.join(map(ascii, lost[:10]))}")


if __name__ == "__main__":
    run(main)
