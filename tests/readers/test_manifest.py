import pytest

from stages.core import params
from stages.core.stop import Stop
from stages.readers.manifest import Card, Columns, read

COLUMNS = {"path": "file", "label": "class", "source": "who"}


def _card(separator=None):
    common = {"title": "t", "licence": "l", "reader": "manifest", "file": "list.csv", "columns": COLUMNS}
    return params.check(Card, common | {"separator": separator}, "card")


def _read(tmp_path, text, encoding="utf-8", **card):
    (tmp_path / "list.csv").write_bytes(text.encode(encoding))
    return [tuple(recording)[:3] for recording in read(tmp_path, _card(**card))]


def test_rows_become_recordings(tmp_path):
    text = "who,file,class,more\nann,a 1.wav,dog,x\n007,b.wav,NA,y\n"
    assert _read(tmp_path, text) == [("a 1.wav", "dog", "ann"), ("b.wav", "NA", "007")]


def test_byte_order_mark_and_crlf(tmp_path):
    assert _read(tmp_path, "\ufefffile,class,who\r\na.wav,dog,ann\r\n") == [("a.wav", "dog", "ann")]


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
    with pytest.raises(Stop, match="card.separator is ''"):
        _card(separator="")


def test_another_encoding_is_named(tmp_path):
    with pytest.raises(Stop, match="cannot be read as a CSV in UTF-8"):
        _read(tmp_path, "file,class,who\né.wav,dog,ann\n", encoding="latin-1")


def test_a_list_outside_the_dataset_is_refused(tmp_path):
    (tmp_path / "list.csv").write_text("file,class,who\na.wav,dog,ann\n")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "list.csv").symlink_to(tmp_path / "list.csv")
    with pytest.raises(Stop, match="there is no such file"):
        read(inside, _card())


def test_the_part_is_a_column(tmp_path):
    (tmp_path / "list.csv").write_text("file,class,who,part\na.wav,dog,ann,val\n")
    card = _card().model_copy(update={"columns": Columns(**COLUMNS, split="part")})
    assert card.gives_split and not _card().gives_split
    assert [tuple(recording)[:4] for recording in read(tmp_path, card)] == [("a.wav", "dog", "ann", "val")]
