from pathlib import Path

import pandas as pd
import pytest
from fastparquet import write

from sourcewise.core import params
from sourcewise.core.errors import Stop
from sourcewise.datasets.readers.manifest import Columns, DatasetFile, read

COLUMNS = {"path": "file", "label": "class", "source": "who"}


def _dataset_file(**keys):
    common = {"title": "t", "licence": "l", "reader": "manifest", "file": "list.csv", "columns": COLUMNS}
    return params.check(DatasetFile, common | keys, "own.yaml")


def _read(tmp_path, text, encoding="utf-8", **keys):
    (tmp_path / "list.csv").write_bytes(text.encode(encoding))
    return [tuple(recording)[:3] for recording in read(tmp_path, _dataset_file(**keys))]


def test_rows_become_recordings(tmp_path):
    text = "who,file,class,more\nann,a 1.wav,dog,x\n007,b.wav,NA,y\n"
    assert _read(tmp_path, text) == [("a 1.wav", "dog", "ann"), ("b.wav", "NA", "007")]


def test_byte_order_mark_and_crlf(tmp_path):
    assert _read(tmp_path, "\ufefffile,class,who\r\na.wav,dog,ann\r\n") == [("a.wav", "dog", "ann")]


def test_a_source_of_blanks_is_none(tmp_path):
    with pytest.raises(Stop, match=r"1 row \(line 3\): lacks a path, a label or a source"):
        _read(tmp_path, "file,class,who\na.wav,dog,ann\nb.wav,dog, \n")


def test_several_labels_are_sorted(tmp_path):
    text = "file,class,who\na.wav,rain; dog,ann\nb.wav,dog,bob\n"
    assert _read(tmp_path, text, separator=";") == [("a.wav", "dog|rain", "ann"), ("b.wav", "dog", "bob")]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "cannot be read as a CSV"),
        ("file,label,who\na.wav,dog,ann\n", "has no column class; it has: file, label, who"),
        ("file,class,who\na.wav,dog,ann\na.wav,cat,ann\n", r"1 row \(line 3\): names a file that an earlier row names"),
        (
            "file,class,who\na.wav,dog,ann\n./a.wav,dog,bob\n",
            r"1 row \(line 3\): names a file that an earlier row names",
        ),
        ("file,class,who\na.wav,,ann\n", r"1 row \(line 2\): lacks a path, a label or a source"),
        ("file,class,who\na.wav,a|b,ann\n", r"has a label with \|"),
    ],
)
def test_a_wrong_list_is_named(tmp_path, text, sentence):
    with pytest.raises(Stop, match=sentence):
        _read(tmp_path, text)


@pytest.mark.parametrize("separator", [";", ","])
def test_the_sign_between_our_own_labels_is_refused(tmp_path, separator):
    with pytest.raises(Stop, match=r"has a label with \|"):
        _read(tmp_path, "file,class,who\na.wav,p|q;r,ann\n", separator=separator)


def test_an_empty_separator_is_refused():
    with pytest.raises(Stop, match="own.yaml: separator is ''"):
        _dataset_file(separator="")


def test_latin_1_is_read_and_reported(tmp_path, capsys):
    assert _read(tmp_path, "file,class,who\né.wav,dog,ann\n", encoding="latin-1") == [("é.wav", "dog", "ann")]
    assert "list.csv is not in UTF-8: read as Latin-1 (Windows-1252)" in capsys.readouterr().out


def test_a_list_outside_the_dataset_is_refused(tmp_path):
    (tmp_path / "list.csv").write_text("file,class,who\na.wav,dog,ann\n")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "list.csv").symlink_to(tmp_path / "list.csv")
    with pytest.raises(Stop, match="there is no such file"):
        read(inside, _dataset_file())


def test_the_part_is_a_column(tmp_path):
    (tmp_path / "list.csv").write_text("file,class,who,part\na.wav,dog,ann,val\n")
    keys = _dataset_file().model_copy(update={"columns": Columns(**COLUMNS, split="part")})
    assert keys.gives_split and not _dataset_file().gives_split
    assert [tuple(recording)[:4] for recording in read(tmp_path, keys)] == [("a.wav", "dog", "ann", "val")]


def test_tabs_are_recognised_and_quotes_between_them_are_characters(tmp_path):
    text = 'file\tclass\twho\tsentence\na.wav\tdog\tann\t"Why, he said\nb.wav\tcat\tbob\tno; "more"\n'
    assert _read(tmp_path, text) == [("a.wav", "dog", "ann"), ("b.wav", "cat", "bob")]


def test_lines_are_counted_as_an_editor_does(tmp_path):
    text = 'file,class,who,more\na.wav,dog,ann,"two\nlines"\n\nb.wav,,ann,\n'
    with pytest.raises(Stop, match=r"1 row \(line 5\): lacks a path"):
        _read(tmp_path, text)


def test_a_quote_that_never_ends_is_named(tmp_path):
    with pytest.raises(Stop, match="list.csv cannot be read as a CSV: unexpected end of data"):
        _read(tmp_path, 'file,class,who\na.wav,"dog,ann\n')


def test_a_path_is_built_of_columns(tmp_path):
    text = "name,fold,class,who\na,5,dog,ann\nb,10,cat,bob\n"
    columns = COLUMNS | {"path": "audio/fold{fold}/{name}.wav"}
    assert [path for path, _, _ in _read(tmp_path, text, columns=columns)] == [
        "audio/fold5/a.wav",
        "audio/fold10/b.wav",
    ]
    with pytest.raises(Stop, match=r"1 row \(line 3\): lacks a path"):
        _read(tmp_path, "name,fold,class,who\na,5,dog,ann\nb,,cat,bob\n", columns=columns)
    with pytest.raises(Stop, match="has no column name.__class__; it has: name, fold"):
        _read(tmp_path, text, columns=COLUMNS | {"path": "{name.__class__}"})


def test_only_some_rows_are_read_and_labels_are_renamed(tmp_path):
    text = "file,class,who,ok\na.wav,m,ann,1\nb.wav,f,bob,1\nc.wav,,cid,1\nd.wav,f,dan,0\n"
    keys = {"where": {"class": ["m", "f", "x"], "ok": 1}, "rename": {"m": "male"}}
    assert _read(tmp_path, text, **keys) == [("a.wav", "male", "ann"), ("b.wav", "f", "bob")]
    with pytest.raises(Stop, match="where: ok is 'yes': no row of .*list.csv has it; its values are: '0', '1'"):
        _read(tmp_path, text, where={"ok": "yes"})
    with pytest.raises(Stop, match="has no column okay"):
        _read(tmp_path, text, where={"okay": 1})


def _parquet(tmp_path, rows):
    """What is read of a Parquet file; lists are written as JSON, which comes back as lists like those of others."""
    encodings = {key: "json" if isinstance(values[0], list) else "infer" for key, values in rows.items()}
    write(str(tmp_path / "list.parquet"), pd.DataFrame(rows), write_index=False, object_encoding=encodings)
    return [tuple(recording)[:3] for recording in read(tmp_path, _dataset_file(file="list.parquet"))]


def test_parquet_is_read(tmp_path):
    rows = {"who": ["ann", "007"], "file": ["a 1.wav", "b.wav"], "class": [3, 12], "more": [b"x", b"y"]}
    assert _parquet(tmp_path, rows) == [("a 1.wav", "3", "ann"), ("b.wav", "12", "007")]


LISTS = {"file": ["a.wav", "b.wav"], "class": [["rain", "dog"], ["dog"]], "who": ["ann", "bob"]}


def test_a_list_of_parquet_is_several_labels(tmp_path):
    assert _parquet(tmp_path, LISTS) == [("a.wav", "dog|rain", "ann"), ("b.wav", "dog", "bob")]


def test_lists_as_arrow_writes_them_are_read(tmp_path):
    (tmp_path / "list.parquet").write_bytes((Path(__file__).parent / "lists.parquet").read_bytes())
    recordings = [tuple(recording)[:3] for recording in read(tmp_path, _dataset_file(file="list.parquet"))]
    assert recordings == [("a.wav", "dog|rain", "7"), ("b é.wav", "dog", "9")]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ({"class": [["dog"], []]}, r"list.parquet: 1 row \(row 2\): holds no label"),
        ({"class": [["rain|x", "dog"], ["a"]]}, r"1 row \(row 1\): has a label with \|"),
        ({"who": [["ann"], ["bob"]]}, r"2 rows \(row 1, 2\): has a list as its source"),
        ({"who": ["ann", None]}, r"1 row \(row 2\): lacks a path, a label or a source"),
    ],
)
def test_wrong_rows_of_parquet_are_named(tmp_path, rows, sentence):
    with pytest.raises(Stop, match=sentence):
        _parquet(tmp_path, LISTS | rows)


def test_what_is_no_parquet_is_named(tmp_path):
    (tmp_path / "list.parquet").write_text("file,class,who\na.wav,dog,ann\n")
    with pytest.raises(Stop, match="list.parquet cannot be read as Parquet"):
        read(tmp_path, _dataset_file(file="list.parquet"))
    write(str(tmp_path / "list.parquet"), pd.DataFrame({"file": ["a"], "class": ["b"]}), write_index=False)
    with pytest.raises(Stop, match="has no column who; it has: file, class"):
        read(tmp_path, _dataset_file(file="list.parquet"))
