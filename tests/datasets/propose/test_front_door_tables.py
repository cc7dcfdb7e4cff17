"""From raw files and a list, as people have it, to data/manifest.csv: labels and sources are literal, a row a kind."""

import json
import os

import numpy as np
import openpyxl
import pytest
import soundfile

from sourcewise.core.errors import Stop
from sourcewise.datasets import manifest
from sourcewise.datasets.propose import command
from stages import fetch, ingest
from tests.conftest import REPOSITORY, change_params

#: The recordings: file, class, speaker.
ROWS = [(f"r{k:02d}.wav", ("dog", "cat")[k % 2], ("ann", "bob", "cid")[k // 4]) for k in range(12)]
FILES = [f"audio/{name}" for name, *_ in ROWS]
EXPECTED = {f"audio/{name}": (label, who) for name, label, who in ROWS}
TITLES = ("file", "label", "speaker")
SEVERAL = ("dog|rain", "dog", "cat|rain", "rain")  # by the number of the recording
IN_TURN = {f"audio/{name}": (SEVERAL[k % 4], who) for k, (name, _, who) in enumerate(ROWS)}
TIMES = {f"audio/{name}": ("cat|dog", f"audio/{name}") for name, *_ in ROWS}
OWN = {path: (label, path) for path, (label, _) in EXPECTED.items()}


def _text(rows=ROWS, titles=TITLES, sign=",", quoted=False, end="\n", row_end="", decorate=str):
    cell = (lambda text: '"' + text.replace('"', '""') + '"') if quoted else str
    lines = [sign.join(map(cell, row)) for row in ([titles] if titles else []) + [list(map(decorate, r)) for r in rows]]
    return end.join([line + row_end for line in lines]) + end


def _paths(form):
    return _text([(form.format(name=name, stem=name[:-4]), *rest) for name, *rest in ROWS])


def _tags(form):
    return _text(
        [(name, who, form(SEVERAL[k % 4].split("|"))) for k, (name, _, who) in enumerate(ROWS)],
        ("file", "speaker", "tags"),
        quoted=True,
    )


def _classes(yes, no):
    tags = ("dog", "cat", "rain")
    rows = [
        (name, who, *(yes if tag in SEVERAL[k % 4].split("|") else no for tag in tags))
        for k, (name, _, who) in enumerate(ROWS)
    ]
    return _text(rows, ("file", "speaker", *tags))


def _events(form, titles, sign="\t", comma="."):
    rows, n = [], 0
    for name, *_ in ROWS:
        for label, onset, offset in (("dog", 0.0, 0.25), ("cat", 0.25, 0.5)):
            n += 1
            values = {
                "n": n,
                "name": name,
                "stem": name[:-4],
                "on": onset,
                "off": offset,
                "s": offset - onset,
                "label": label,
            }
            rows.append([str(cell).format(**values).replace("§", comma) for cell in form])
    return _text(rows, titles, sign)


RAVEN = ("Selection", "View", "Channel", "Begin File", "Begin Time (s)", "End Time (s)", "Low Freq (Hz)", "Species")
RAVEN_ROW = ("{n}", "Spectrogram 1", "1", "{name}", "{on}", "{off}", "500", "{label}")
EXCEL = _text(sign=";", end="\r\n")
#: kind: (the list's name, its content, what the manifest says)
LISTS = {
    "comma": ("list.csv", _text(), EXPECTED),
    "semicolon": ("list.csv", _text(sign=";"), EXPECTED),
    "tab": ("list.tsv", _text(sign="\t"), EXPECTED),
    "tab named txt": ("list.txt", _text(sign="\t"), EXPECTED),
    "bar": ("list.csv", _text(sign="|"), EXPECTED),
    "returns of Windows": ("list.csv", _text(end="\r\n"), EXPECTED),
    "returns of an old Mac": ("list.csv", _text(end="\r"), EXPECTED),
    "no return at the end": ("list.csv", _text().rstrip(), EXPECTED),
    "all quoted": ("list.csv", _text(quoted=True), EXPECTED),
    "all quoted, tabs": ("list.tsv", _text(quoted=True, sign="\t"), EXPECTED),
    "blanks after commas": ("list.csv", _text(sign=", "), EXPECTED),
    "no titles": ("list.csv", _text(titles=None), EXPECTED),
    "no titles, tabs": ("meta.tsv", _text(titles=None, sign="\t"), EXPECTED),
    "no titles, semicolons": ("list.csv", _text(titles=None, sign=";"), EXPECTED),
    "titles in capitals": ("list.csv", _text(titles=("FILE", "LABEL", "SPEAKER")), EXPECTED),
    "titles that say nothing": ("list.csv", _text(titles=("a", "b", "c")), EXPECTED),
    "Excel's hint": ("list.csv", "sep=;\r\n" + EXCEL, EXPECTED),
    "Excel's hint of a tab": ("list.csv", "sep=\t\r\n" + _text(sign="\t", end="\r\n"), EXPECTED),
    "Excel's columns": ("list.csv", _text(row_end=",,"), EXPECTED),
    "rows that end in a comma": ("list.csv", _text().replace("\n", ",\n").replace("speaker,\n", "speaker\n"), EXPECTED),
    "Excel's rows": ("list.csv", _text() + ",,\n" * 5, EXPECTED),
    "a heading above": ("list.csv", "Field notes 2021,,\n,,\n" + _text(), EXPECTED),
    "pandas' index": ("list.csv", _text([(str(k), *row) for k, row in enumerate(ROWS)], ("", *TITLES)), EXPECTED),
    "an unnamed column": (
        "list.csv",
        _text([(str(k), *r) for k, r in enumerate(ROWS)], ("Unnamed: 0", *TITLES)),
        EXPECTED,
    ),
    "R's numbers of rows": ("list.csv", _text([(str(k), *r) for k, r in enumerate(ROWS, 1)]), EXPECTED),
    "a comment above": ("list.csv", "# made by hand\n# on a Monday\n" + _text(), EXPECTED),
    "titles in a comment": ("list.csv", "# made by hand\n# file, label, speaker\n" + _text(titles=None), EXPECTED),
    "UTF-8 with a mark": ("list.csv", _text().encode("utf-8-sig"), EXPECTED),
    "UTF-16": ("list.csv", _text().encode("utf-16"), EXPECTED),
    "UTF-16 of Excel": ("list.txt", b"\xff\xfe" + _text(sign="\t", end="\r\n").encode("utf-16-le"), EXPECTED),
    "UTF-16 without a mark": ("list.csv", _text().encode("utf-16-le"), EXPECTED),
    "UTF-16, the other way round": ("list.csv", _text().encode("utf-16-be"), EXPECTED),
    "Latin-1": (
        "list.csv",
        _text([(a, b.replace("dog", "Bär"), c) for a, b, c in ROWS]).encode("latin-1"),
        {path: (label.replace("dog", "Bär"), who) for path, (label, who) in EXPECTED.items()},
    ),
    "JSON lines": ("list.jsonl", "\n".join(json.dumps(dict(zip(TITLES, r, strict=True))) for r in ROWS), EXPECTED),
    "JSON": ("list.json", json.dumps([dict(zip(TITLES, r, strict=True)) for r in ROWS]), EXPECTED),
    "JSON by file": ("list.json", json.dumps({a: {"label": b, "speaker": c} for a, b, c in ROWS}), EXPECTED),
    "XLSX": ("list.xlsx", [TITLES, *ROWS], EXPECTED),
    "XLSX without titles": ("list.xlsx", ROWS, EXPECTED),
    "XLSX, numbers": (
        "list.xlsx",
        [("file", "class", "speaker"), *((a, int(b == "dog"), c) for a, b, c in ROWS)],
        {path: (str(int(label == "dog")), who) for path, (label, who) in EXPECTED.items()},
    ),
    "numbers as classes": (
        "list.csv",
        _text([(a, {"dog": "01", "cat": "02"}[b], c) for a, b, c in ROWS]),
        {path: ({"dog": "01", "cat": "02"}[label], who) for path, (label, who) in EXPECTED.items()},
    ),
    "a comma in a class": (
        "list.csv",
        _text([(a, b.replace("dog", "dog, small"), c) for a, b, c in ROWS], quoted=True),
        {path: (label.replace("dog", "dog, small"), who) for path, (label, who) in EXPECTED.items()},
    ),
    "backslashes": ("list.csv", _paths("audio\\{name}"), EXPECTED),
    "a dot before": ("list.csv", _paths("./audio/{name}"), EXPECTED),
    "absolute paths": ("list.csv", _paths("<root>/audio/{name}"), EXPECTED),
    "paths of another machine": ("list.csv", _paths("/home/anna/set/audio/{name}"), EXPECTED),
    "paths of Windows": ("list.csv", _paths("C:\\set\\audio\\{name}"), EXPECTED),
    "relative to the repository": ("list.csv", _paths("given/audio/{name}"), EXPECTED),
    "relative to the list": ("lists/list.csv", _paths("../audio/{name}"), EXPECTED),
    "relative to the audio": ("lists/list.csv", _paths("{name}"), EXPECTED),
    "no suffix": ("list.csv", _paths("{stem}"), EXPECTED),
    "another suffix": ("list.csv", _paths("{stem}.mp3"), EXPECTED),
    "a suffix in capitals": ("list.csv", _paths("audio/{stem}.WAV"), EXPECTED),
    "lists of Python": ("list.csv", _tags(str), IN_TURN),
    "lists of JSON": ("list.csv", _tags(json.dumps), IN_TURN),
    "lists of numpy": ("list.csv", _tags(lambda tags: str(np.array(tags))), IN_TURN),
    "lists in JSON lines": (
        "list.jsonl",
        "\n".join(
            json.dumps({"file": a, "who": c, "tags": SEVERAL[k % 4].split("|")}) for k, (a, _, c) in enumerate(ROWS)
        ),
        IN_TURN,
    ),
    "labels between semicolons": ("list.csv", _tags(";".join), IN_TURN),
    "labels between commas": ("list.csv", _tags(",".join), IN_TURN),
    "a column a class": ("list.csv", _classes("1", "0"), IN_TURN),
    "a column a class, words": ("list.csv", _classes("True", "False"), IN_TURN),
    "a column a class, crosses": ("list.csv", _classes("x", ""), IN_TURN),
    "a column a class, decimals": ("list.csv", _classes("1.0", "0.0"), IN_TURN),
    "a row a label": (
        "list.csv",
        _text([(a, tag, c) for k, (a, _, c) in enumerate(ROWS) for tag in SEVERAL[k % 4].split("|")]),
        IN_TURN,
    ),
    "Raven": ("table.txt", _events(RAVEN_ROW, RAVEN), TIMES),
    "OpenSoundscape": (
        "list.csv",
        _events(("{name}", "{on}", "{off}", "{label}"), ("file", "start_time", "end_time", "annotation"), ","),
        TIMES,
    ),
    "DCASE": (
        "list.tsv",
        _events(("{name}", "{on}", "{off}", "{label}"), ("filename", "onset", "offset", "event_label")),
        TIMES,
    ),
    "DCASE without titles": ("list.txt", _events(("audio/{name}", "{on}", "{off}", "{label}"), None), TIMES),
    "AudioSet strong": (
        "list.tsv",
        _events(
            ("{stem}", "{on}", "{off}", "{label}"), ("segment_id", "start_time_seconds", "end_time_seconds", "label")
        ),
        TIMES,
    ),
    "durations of events": (
        "list.csv",
        _events(("{name}", "{on}", "{s}", "{label}"), ("file", "onset", "duration", "event"), ","),
        TIMES,
    ),
    "decimal commas": (
        "list.csv",
        _events(("{name}", "{on}", "{off}", "{label}"), ("file", "onset", "offset", "label"), ";")
        .replace("0.0", "0,0")
        .replace("0.25", "0,25")
        .replace("0.5", "0,5"),
        TIMES,
    ),
}


def _write(file, content):
    file.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif isinstance(content, str):
        file.write_bytes(content.encode())
    else:
        book = openpyxl.Workbook()
        for row in content:
            book.active.append(row)
        book.save(file)


@pytest.fixture
def door(in_tmp, capsys):
    """A function that writes recordings and a list, proposes, fetches and ingests; returns the manifest and what was
    printed."""
    (in_tmp / "params.yaml").write_text((REPOSITORY / "params.yaml").read_text())
    change_params(in_tmp, {"dataset": "own", "audio.sr": 8000, "compute.workers": 1})

    def through(name, content, files=FILES):
        for k, path in enumerate(files):
            file = in_tmp / "given" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(file, np.random.default_rng(k).normal(0, 0.1, 4000), 8000, format="WAV")
        if isinstance(content, str):
            content = content.replace("<root>", str(in_tmp / "given"))
        _write(in_tmp / "given" / name, content)
        command.main(in_tmp / "given" / name, name="own")
        fetch.main()
        ingest.main()
        printed = capsys.readouterr()
        table = manifest.read()
        rows = zip(table["path"], table["labels"], table["source"], strict=True)
        return {path: (labels, source) for path, labels, source in rows}, printed.out + printed.err

    return through


@pytest.mark.parametrize("kind", LISTS)
def test_a_list_becomes_a_manifest(door, kind):
    name, content, expected = LISTS[kind]
    assert door(name, content)[0] == expected


def test_names_that_are_in_several_folders_need_the_column_of_the_folder(door):
    files = [f"{site}/{day}.wav" for site in ("s1", "s2", "s3") for day in ("mon", "tue", "wed", "thu")]
    rows = [(*path[:-4].split("/"), ("owl", "frog")[k % 2]) for k, path in enumerate(files)]
    table, _ = door("list.csv", _text(rows, ("site", "file", "species")), files)
    assert table == {path: (("owl", "frog")[k % 2], path[:2]) for k, path in enumerate(files)}


FEATURES = _text(
    [(f"0.{k}", f"{k}.5", f"1.{k}", ("male", "female")[k % 2]) for k in range(12)], ("sd", "mode", "iqr", "label")
)


@pytest.mark.parametrize(
    "content",
    [FEATURES, FEATURES.replace(",", ";").replace(".", ","), FEATURES.replace(",", "\t")],
    ids=["comma", "decimal", "tab"],
)
def test_a_table_of_features_becomes_a_manifest(door, content):
    table, _ = door("voice.csv", content, files=())
    assert table == {str(k + 1): (("male", "female")[k % 2], str(k + 1)) for k in range(12)}


def test_features_may_name_their_rows(door):
    text = _text(
        [(f"x.{k}.wav", f"0.{k}", f"{k}.5", f"1.{k}", "ab"[k % 2]) for k in range(6)],
        ("filename", "p", "q", "r", "label"),
    )
    table, _ = door("features.csv", text, files=())
    assert table == {f"x.{k}.wav": ("ab"[k % 2], f"x.{k}.wav") for k in range(6)}


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        (
            "list.csv",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
            "is a pointer of Git LFS, not",
        ),
        ("list.xls", b"\xd0\xcf\x11\xe0" + bytes(600), "is in Excel's format before 2007: save it as .xlsx or as CSV"),
        ("list.xlsx", b"PK\x03\x04" + bytes(600), "cannot be read as an Excel table: it is another format, or damaged"),
        ("list.csv", b"\0\1\2\3\xff" * 90, "cannot be read as a table: it is not text"),
        ("list.csv", b"", "it is empty"),
        ("list.json", b'{"a": ', "cannot be read as JSON"),
        ("list.csv", b'file,label\n"a.wav,dog\n', "cannot be read as a CSV: unexpected end of data"),
        (
            "list.csv",
            _text([(f"n{name}", *rest) for name, *rest in ROWS]),
            "of those in 'file', such as 'nr00.wav', too few",
        ),
    ],
)
def test_a_list_that_cannot_be_read_says_why(door, name, content, sentence):
    with pytest.raises(Stop, match=sentence):
        door(name, content)


def test_the_only_table_of_a_folder_without_classes_is_taken(door, in_tmp):
    door("list.csv", _text())
    os.remove("data/datasets/own.yaml")
    command.main(in_tmp / "given", name="own")
    assert "file: 'list.csv'" in (in_tmp / "data/datasets/own.yaml").read_text()
