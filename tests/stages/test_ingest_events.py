"""Ingest of recordings whose sounds have times."""

import pandas as pd

from sourcewise.core.paths import EVENTS, LEFT_OUT
from sourcewise.datasets import manifest
from stages import ingest
from tests.conftest import tone, write_wav
from tests.stages.test_ingest import PARAMS, WHOLE

EVENTLIST = (
    "title: t\nlicence: l\nreader: eventlist\nfile: e.csv\nsource: {pattern: '([a-z]+)[0-9]'}\n"
    "columns: {path: file, onset: on, offset: off, label: event}\n"
)


def _events(root, rows, clips=WHOLE, max_rejected=0.0):
    (root / "params.yaml").write_text(PARAMS.format(clips, max_rejected, "false"))
    (root / "data/datasets/own.yaml").write_text(EVENTLIST)
    for name, seconds in (("a1", 5), ("b1", 3), ("c1", 2)):
        write_wav(root / f"data/raw/own/{name}.wav", tone(300, seconds=seconds))
    (root / "data/raw/own/e.csv").write_text("file,on,off,event\n" + "".join(f"{row}\n" for row in rows))
    ingest.main()
    clips, events = manifest.read(), manifest.read(EVENTS)
    where = dict(
        zip(clips["clip_id"], clips["path"] + " " + clips.groupby("parent").cumcount().astype(str), strict=True)
    )
    assert events.columns.tolist() == manifest.EVENT_COLUMNS
    rows = [(where[row.clip_id], row.onset_s, row.offset_s, row.label) for row in events.itertuples(index=False)]
    return clips["labels"].tolist(), rows


LISTED = ["a1.wav,3.5,4.5,cat", "a1.wav,0.25,2.5,dog", "b1.wav,1,3.05,dog", "c1.wav,,,"]


def test_events_are_kept_beside_the_manifest(in_tmp):
    labels, events = _events(in_tmp, LISTED)
    assert labels == ["cat|dog", "dog", ""]
    assert events == [("a1.wav 0", 0.25, 2.5, "dog"), ("a1.wav 0", 3.5, 4.5, "cat"), ("b1.wav 0", 1, 3, "dog")]


def test_a_segment_has_the_events_that_overlap_it(in_tmp):
    labels, events = _events(in_tmp, LISTED, "segment_s: 2, hop_s: null, pad: repeat")
    assert labels == ["dog", "cat|dog", "cat|dog", "dog", "dog", ""]
    assert events == [
        ("a1.wav 0", 0.25, 2, "dog"),
        ("a1.wav 1", 0, 0.5, "dog"),
        ("a1.wav 1", 1.5, 2, "cat"),
        ("a1.wav 2", 0, 0.5, "cat"),
        ("a1.wav 2", 1.25, 2, "dog"),  # the recording from its start fills up the segment
        ("b1.wav 0", 1, 2, "dog"),
        ("b1.wav 1", 0, 1, "dog"),
    ]


def test_a_recording_that_ends_before_its_events_is_rejected(in_tmp):
    _events(in_tmp, [*LISTED, "c1.wav,1.5,2.5,cat"], max_rejected=0.5)
    rejected = pd.read_csv("data/rejected.csv").to_numpy().tolist()
    assert rejected == [["c1.wav", "ends at 2.000 s, but has an event 'cat' from 1.5 to 2.5 s"]]


def test_copies_with_other_events_stay(in_tmp):
    write_wav(in_tmp / "data/raw/own/a2.wav", tone(300, seconds=5))
    write_wav(in_tmp / "data/raw/own/a3.wav", tone(300, seconds=5))
    of_a1 = [row.split(",", 1)[1] for row in LISTED[:2]]
    labels, events = _events(
        in_tmp, [*LISTED, *(f"a2.wav,{row}" for row in of_a1), "a3.wav,0.5,1,dog", "a3.wav,2,3,cat"]
    )
    assert manifest.read(LEFT_OUT).to_numpy().tolist() == [["a2.wav", "a1.wav"]]
    assert labels == ["cat|dog", "cat|dog", "dog", ""]
    assert [event for event in events if event[0] == "a3.wav 0"] == [
        ("a3.wav 0", 0.5, 1, "dog"),
        ("a3.wav 0", 2, 3, "cat"),
    ]
