import pytest

from sourcewise.core.errors import Stop
from sourcewise.datasets import dataset_file
from tests.conftest import tone, write_wav

OWN = "title: t\nlicence: l\nreader: folder\nlabel: {pattern: '^([a-z]+)'}\nsource: {pattern: '(\\d)'}\n"


@pytest.fixture
def raw(in_tmp):
    """The folder of four recordings, without a dataset file yet."""
    folder = in_tmp / "data/raw/own"
    for name in ("cat1", "cat2", "dog1", "dog2"):
        write_wav(folder / f"{name}.wav", tone(440, seconds=0.1))
    return folder


def _given(raw, keys, **lists):
    (raw.parents[1] / "datasets/own.yaml").write_text(OWN + keys)
    for name, text in lists.items():
        (raw / f"{name}.txt").write_text(text)
    return {recording.path: recording.given for recording in dataset_file.read("own")}


def test_published_lists_name_all_but_train(raw):
    lists = {"val": "cat2.wav\n", "test": "./dog2.wav\r\n\r\n"}
    given = _given(raw, "lists: {validation: val.txt, test: test.txt}\n", **lists)
    assert given == {"cat1.wav": "train", "cat2.wav": "validation", "dog1.wav": "train", "dog2.wav": "test"}


def test_what_no_list_names_is_in_no_part_where_train_has_a_list(raw, capsys):
    given = _given(raw, "lists: {train: train.txt, test: test.txt}\n", train="cat1.wav\nold.wav\n", test="dog1.wav\n")
    assert given == {"cat1.wav": "train", "cat2.wav": "", "dog1.wav": "test", "dog2.wav": ""}
    assert "1 path of the lists not found: 'old.wav'" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("keys", "lists", "sentence"),
    [
        ("lists: {test: test.txt}\n", {}, "test is 'test.txt': there is no such file in data/raw/own"),
        ("lists: {test: ../../datasets/own.yaml}\n", {}, "there is no such file"),
        ("lists: {test: test.txt}\n", {"test": "clips/cat9.wav"}, "none of their 1 paths is that of a recording"),
        ("lists: {dev: test.txt}\n", {}, "lists.dev"),
        (
            "lists: {test: test.txt, validation: val.txt}\n",
            {"test": "cat1.wav", "val": "cat1.wav"},
            "'cat1.wav' is in the list of (test|validation) and in that of (test|validation)",
        ),
        (
            "split: {pattern: '^([a-z]+)'}\n",
            {},
            "split is 'cat' for 'cat1.wav': must be the number of a fold, or",
        ),
    ],
)
def test_a_wrong_split_is_named(raw, keys, lists, sentence):
    with pytest.raises(Stop, match=sentence):
        _given(raw, keys, **lists)


def test_parts_may_be_called_as_is_usual(raw):
    rule = "split: {pattern: '^([a-z]+)', table: {cat: dev, dog: Testing}}\n"
    assert list(_given(raw, rule).values()) == ["validation", "validation", "test", "test"]


def test_only_what_the_lists_name_is_kept_where_the_dataset_file_says_so(raw, capsys):
    lists = {"train": "cat1.wav\nold.wav\n", "test": "dog1.wav\n"}
    given = _given(raw, "lists: {train: train.txt, test: test.txt}\nonly_listed: true\n", **lists)
    assert given == {"cat1.wav": "train", "dog1.wav": "test"}
    assert "2 recordings are in no list and are left out" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("reader: folder", "reader: folders", "No reader 'folders'. Did you mean folder\\? Available: eventlist, "),
        ("reader: folder\n", "", "own.yaml: reader is missing. Available: eventlist, "),
        ("licence: l", "license: l", "own.yaml: licence is missing; .*own.yaml: license is not a known key"),
        ("title: t", "title: 7", "own.yaml: title is 7: must be a text"),
        ("title: t", "title: t\nonly_listed: true", "only_listed needs lists"),
        (
            "title: t",
            "title: t\nurl: https://a.b/c.zip",
            "url needs a checksum, so that a wrong download is noticed; or set",
        ),
        (
            "label: {pattern: '^([a-z]+)'}",
            "label: {pattern: '^([A-Z]+)'}",
            "label: pattern .* for 4 of 4 files .first: 'ca",
        ),
        (
            "source: {pattern: '(\\d)'}",
            "source: {pattern: '(2)'}",
            "source: pattern .* for 2 of 4 files .first: 'cat1.wav', 'd",
        ),
        ("source: {pattern: '(\\d)'}", "source: {file: a.csv, table: {a: b}}", "set either table or file"),
        (
            "source: {pattern: '(\\d)'}",
            "source: {file: a.csv}",
            "file is 'a.csv': there is no such file in data/raw/own",
        ),
    ],
)
def test_a_wrong_dataset_file_is_named(raw, old, new, sentence):
    assert old in OWN
    (raw.parents[1] / "datasets/own.yaml").write_text(OWN.replace(old, new))
    with pytest.raises(Stop, match=sentence):
        dataset_file.read("own")


def test_a_folder_without_recordings_is_named(raw):
    for path in raw.iterdir():
        path.unlink()
    with pytest.raises(Stop, match="no recording found in data/raw/own"):
        _given(raw, "")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("part,who\ncat1,ann\ncat1,bob\n", r"a.csv: 1 row \(line 3\): repeats the first column of an earlier row"),
        ("part,who\ncat1,\n", r"a.csv: 1 row \(line 2\): lacks a value in the first or the second column"),
        ("part\ncat1\n", "a.csv has 1 column"),
        ("part,who\ncat1,ann\n", "the table a.csv gives no usable name for 3 of 4 files"),
    ],
)
def test_a_wrong_table_of_names_is_named(raw, text, sentence):
    (raw / "a.csv").write_text(text)
    content = OWN.replace("source: {pattern: '(\\d)'}", "source: {pattern: '^(.*).wav', file: a.csv}")
    (raw.parents[1] / "datasets/own.yaml").write_text(content)
    with pytest.raises(Stop, match=sentence):
        dataset_file.read("own")
