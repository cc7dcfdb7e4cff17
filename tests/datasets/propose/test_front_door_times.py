"""Lists with times, one for all recordings or one for each: events, and parts that are cut out. Labels and sources are
literal."""

import numpy as np
import pytest

from sourcewise.core.paths import REJECTED
from sourcewise.datasets import clips, manifest
from tests.conftest import change_params, tone
from tests.datasets.propose.conftest import SR

SITES = ("barn", "hall", "yard", "wood")
RAVEN = "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tAnnotation\n"
SECOND = ("cat", "rain")  # the label of the second event, by the number of the recording


def _recordings(form="{site}_{k}.wav"):
    return [form.format(site=site, k=k) for k in range(4) for site in SITES]


def own(audio, listed, text):
    """Recordings of 2 s, and a list for each; {second} in its text is the label of the second event."""
    names = [(site, k) for k in range(4) for site in SITES]
    files = {audio.format(site=site, k=k): 2 for site, k in names}
    return files | {listed.format(site=site, k=k): text.format(second=SECOND[k % 2]) for site, k in names}


AUDACITY = "0.25\t0.5\tdog\n\\\t100.0\t2000.0\n1\t1.5\t{second}\n"
SELECTIONS = RAVEN + "".join(
    f"{k}\t{view} 1\t1\t{times}\t0\t4000\t{label}\n"
    for k, (times, label) in enumerate((("0.25\t0.5", "dog"), ("1\t1.5", "{second}")), 1)
    for view in ("Waveform", "Spectrogram")
)
#: kind: (the recording, its list, the text of the list, the key `file` that is proposed)
OWN = {
    "Audacity": ("{site}_{k}.wav", "{site}_{k}.txt", AUDACITY, "'{stem}.txt'"),
    "Audacity, a folder a site": ("{site}/{k}x.wav", "{site}/{k}x.txt", AUDACITY, "'{stem}.txt'"),
    "Raven": ("{site}_{k}.wav", "{site}_{k}.Table.1.selections.txt", SELECTIONS, "'{stem}.Table.1.selections.txt'"),
    "Raven, lists elsewhere": ("audio/{site}/{k}x.wav", "tables/{site}/{k}x.txt", SELECTIONS, "'tables/{stem}.txt'"),
    "lists in one folder": (
        "audio/{site}/{site}{k}.wav",
        "tags/{site}{k}_events.txt",
        AUDACITY,
        "'tags/{name}_events.txt'",
    ),
    "titles": (
        "{site}_{k}.wav",
        "{site}_{k}.csv",
        "onset,offset,label\n0.25,0.5,dog\n1,1.5,{second}\n",
        "'{stem}.csv'",
    ),
}


@pytest.mark.parametrize("kind", OWN)
def test_a_list_of_events_for_each_recording(arrived, kind):
    audio, listed, text, file = OWN[kind]
    table, printed = arrived(own(audio, listed, text))
    expected = {
        audio.format(site=site, k=k): (f"{'cat|dog' if k % 2 == 0 else 'dog|rain'}", site)
        for k in range(4)
        for site in SITES
    }
    assert {row.path: (row.labels, row.source) for row in table.itertuples()} == expected
    assert f"file: {file} " in printed and "16 recordings, each with the labels of all its rows" in printed


def test_a_recording_without_events_has_an_empty_list(arrived):
    files = own("{site}_{k}.wav", "{site}_{k}.txt", AUDACITY) | {"yard_3.txt": ""}
    table, _ = arrived(files)
    assert table.set_index("path").loc["yard_3.wav", "labels"] == ""


def test_texts_that_are_no_lists_of_events_do_not_matter(arrived):
    files = {f"{label}/{site}_{k}.wav": None for label in ("cat", "dog") for site in SITES for k in range(2)}
    files |= {name.replace(".wav", ".txt"): "0 46797 She had, your\tdark suit\n" for name in files}
    table, _ = arrived(files)
    assert set(table["labels"]) == {"cat", "dog"} and set(table["source"]) == set(SITES)


#: The parts of each long file: label, start and end in s.
PARTS = (("dog", 0.5, 1.25), ("cat", 1.25, 2.0), ("dog", 3.0, 3.5), ("cat", 3.75, 4.0))
FREQUENCY = {"dog": 440, "cat": 1000}


def _long():
    y = np.zeros(5 * SR)
    for label, start, end in PARTS:
        y[round(start * SR) : round(end * SR)] = tone(FREQUENCY[label], seconds=end - start, sr=SR)
    return y


def segments(titles, row, sites=SITES):
    lines = [titles]
    for site in sites:
        lines += [
            row.format(site=site, label=label, start=start, end=end, s=end - start) for label, start, end in PARTS
        ]
    return "\n".join(lines) + "\n"


LONG = {f"{site}.wav": _long() for site in SITES}
#: kind: (the list's name, its titles, a row)
CUT = {
    "start and end": ("list.csv", "file,start,end,label", "{site}.wav,{start},{end},{label}"),
    "start and duration": ("list.tsv", "file\tstart\tduration\tclass", "{site}\t{start}\t{s}\t{label}"),
    "from and to": ("list.csv", "path;from;to;species", "./{site}.wav;{start};{end};{label}"),
    "other words": ("list.csv", "label,filename,start_time,end_time", "{label},{site}.WAV,{start},{end}"),
}


@pytest.mark.parametrize("kind", CUT)
def test_rows_of_a_long_file_are_cut_out_of_it(arrived, kind):
    name, titles, row = CUT[kind]
    table, printed = arrived(LONG | {name: segments(titles, row)}, name)
    assert len(table) == table["parent"].nunique() == 16 and set(table["source"]) == {f"{site}.wav" for site in SITES}
    assert "16 recordings, one for each row, cut out of 4 files" in printed
    table = table.sort_values(["path", "start"])
    assert table["labels"].tolist() == ["dog", "cat", "dog", "cat"] * 4
    assert table["duration_s"].tolist() == [0.75, 0.75, 0.5, 0.25] * 4
    for y, label in zip(clips.waves(table), table["labels"], strict=True):
        spectrum = np.abs(np.fft.rfft(np.asarray(y, float)))
        assert spectrum.argmax() * SR / len(y) == pytest.approx(FREQUENCY[label], abs=2)


def test_milliseconds_are_recognised(arrived):
    text = segments("file,start_ms,end_ms,label", "{site}.wav,{start}e3,{end}e3,{label}")
    table, printed = arrived(LONG | {"list.csv": text}, "list.csv")
    assert sorted(table["duration_s"]) == [0.25] * 4 + [0.5] * 4 + [0.75] * 8 and "unit: ms" in printed


def test_times_with_minutes_are_recognised(arrived):
    text = segments("file;start;end;label", "{site}.wav;0:0{start};00:00:0{end};{label}")
    table, _ = arrived(LONG | {"list.csv": text.replace(".", ",").replace(",wav", ".wav")}, "list.csv")
    assert sorted(table["duration_s"]) == [0.25] * 4 + [0.5] * 4 + [0.75] * 8


def test_a_column_names_the_source_of_each_part(arrived):
    text = "file,start,end,speaker,emotion\n"
    for k, site in enumerate(SITES):
        for j, (label, start, end) in enumerate(PARTS):
            text += f"{site}.wav,{start},{end},{('ann', 'bob', 'cid', 'dan')[(k + j // 2) % 4]},{label}\n"
    table, _ = arrived(LONG | {"list.csv": text}, "list.csv")
    assert table.groupby("source")["labels"].apply(lambda labels: sorted(set(labels))).to_dict() == {
        name: ["cat", "dog"] for name in ("ann", "bob", "cid", "dan")
    }


def test_windows_with_a_column_a_class(arrived):
    text = "file,start_time,end_time,cat,dog,rain\n"
    for site in SITES:
        text += f"{site}.wav,0,1,0,1,0\n{site}.wav,1,2,1,1,0\n{site}.wav,3,4,0,0,1\n{site}.wav,3.5,4.5,0,0,0\n"
    files = {name: 5 for name in LONG} | {"list.csv": text}
    table, _ = arrived(files, "list.csv")
    table = table.sort_values(["path", "start"])
    assert table["labels"].tolist() == ["dog", "cat|dog", "rain", ""] * 4


def test_a_part_beyond_the_end_of_its_file_is_rejected_with_the_reason(arrived, in_tmp):
    change_params(in_tmp, {"ingest.max_rejected": 0.5})
    text = segments("file,start,end,label", "{site}.wav,{start},{end},{label}") + "barn.wav,4.5,9,cat\n"
    table, _ = arrived(LONG | {"list.csv": text}, "list.csv")
    reason = "ends at 5.000 s, but has a part 'cat' from 4.5 to 9 s"
    assert len(table) == 16 and manifest.read(REJECTED).values.tolist() == [["barn.wav", reason]]


def test_overlapping_rows_are_events(arrived):
    text = "file,start,end,label\n"
    for k, site in enumerate(SITES):
        text += f"{site}.wav,0.5,3,dog\n{site}.wav,1,1.5,{'cat' if k % 2 else 'rain'}\n"
    table, printed = arrived({name: 5 for name in LONG} | {"list.csv": text}, "list.csv")
    assert table["labels"].tolist() == ["dog|rain", "cat|dog", "cat|dog", "dog|rain"]
    assert "# cut: true" in printed
