import pytest

from sourcewise.core import params
from sourcewise.core.errors import Stop
from sourcewise.datasets.readers.eventlist import DatasetFile, read
from tests.conftest import tone, write_wav

COLUMNS = {"path": "filename", "onset": "onset", "offset": "offset", "label": "event_label"}
HEAD = "filename\tonset\toffset\tevent_label\n"
SOURCE = {"pattern": "([a-z])[0-9]"}
EACH = {"columns": {key: key for key in ("onset", "offset", "label")}, "names": ["onset", "offset", "label"]}


def _dataset_file(**keys):
    common = {"title": "t", "licence": "l", "reader": "eventlist", "file": "events.tsv", "columns": COLUMNS}
    return params.check(DatasetFile, common | {"source": SOURCE} | keys, "own.yaml")


@pytest.fixture
def root(tmp_path):
    """A folder with the recordings a1, a2 and b1."""
    for name in ("a1", "a2", "b1"):
        write_wav(tmp_path / f"audio/{name}.wav", tone(440, seconds=0.1))
    return tmp_path


def _read(root, text, **keys):
    (root / "events.tsv").write_text(text)
    return {r.path: r for r in read(root, _dataset_file(sounds="audio", **keys))}


def test_one_list_for_all(root):
    text = HEAD + "a1.wav\t1.5\t2\tdog\na1.wav\t0\t0.25\train\na1.wav\t3\t4\tdog\na2.wav\t\t\t\nb1.wav\t1\t2\tdog\n"
    recordings = _read(root, text)
    assert tuple(recordings["audio/a1.wav"]) == (
        *("audio/a1.wav", "dog|rain", "a", ""),
        ((0.0, 0.25, "rain"), (1.5, 2.0, "dog"), (3.0, 4.0, "dog")),
    )
    assert tuple(recordings["audio/a2.wav"]) == (
        "audio/a2.wav",
        "",
        "a",
        "",
        (),
    )  # a row without an event says: nothing
    assert tuple(recordings["audio/b1.wav"]) == ("audio/b1.wav", "dog", "b", "", ((1.0, 2.0, "dog"),))


def test_source_and_part_may_be_columns_and_commas_stand_between_them(root):
    text = (
        "event_label,filename,onset,offset,who,fold\ndog,a1.wav,1,2,ann,1\ndog,a2.wav,1,2,bob,2\ncat,b1.wav,1,2,bob,2\n"
    )
    keys = _dataset_file(sounds="audio", source=None, columns=COLUMNS | {"source": "who", "split": "fold"})
    (root / "events.tsv").write_text(text)
    assert keys.gives_split and not _dataset_file().gives_split
    assert [(r.source, r.given) for r in read(root, keys)] == [("ann", "1"), ("bob", "2"), ("bob", "2")]


def test_a_path_may_be_built_of_columns(root):
    text = "night;onset;offset;event_label\na1;1;2;dog\na2;1;2;dog\nb1;1;2;dog\n"
    assert len(_read(root, text, columns=COLUMNS | {"path": "{night}.wav"})) == 3


def test_one_list_for_each_recording_as_audacity_writes_them(root):
    lists = {"a1": "0.5\t1.25\tdog\n1\t2\train, hard\n", "a2": "", "b1": "0.5\t1.25\tdog"}
    for name, text in lists.items():
        (root / "labels").mkdir(exist_ok=True)
        (root / "labels" / f"{name}.txt").write_text(text)
    recordings = read(root, _dataset_file(file="labels/{stem}.txt", sounds="audio", **EACH))
    assert [r.labels for r in recordings] == ["dog|rain, hard", "", "dog"]
    assert recordings[0].events == ((0.5, 1.25, "dog"), (1.0, 2.0, "rain, hard"))


def test_lists_beside_the_recordings(root):
    for name in ("a1", "a2", "b1"):
        (root / f"audio/{name}.csv").write_text("onset,offset,label\n1,2,dog\n")
    recordings = read(root, _dataset_file(file="{stem}.csv", columns=EACH["columns"]))
    assert [r.events for r in recordings] == [((1.0, 2.0, "dog"),)] * 3


@pytest.mark.parametrize(("unlisted", "labels"), [("empty", ["dog", "", ""]), ("left_out", ["dog"])])
def test_recordings_that_the_list_does_not_name(root, unlisted, labels):
    text = HEAD + "a1.wav\t1\t2\tdog\n"
    assert [r.labels for r in _read(root, text, unlisted=unlisted).values()] == labels
    with pytest.raises(
        Stop, match=r"does not list 2 of 3 recordings \(first: 'audio/a2.wav', 'audio/b1.wav'\): set un"
    ):
        _read(root, text)


def test_a_class_can_be_dropped(root):
    text = HEAD + "a1.wav\t1\t2\tdog\na1.wav\t2\t3\tsilence\na2.wav\t0\t9\tsilence\nb1.wav\t1\t2\tcat\n"
    assert [r.labels for r in _read(root, text, drop=["silence"]).values()] == ["dog", "", "cat"]


def test_a_dropped_class_that_does_not_exist_is_named(root):
    text = HEAD + "a1.wav\t1\t2\tdog\na2.wav\t2\t3\tcat\nb1.wav\t1\t2\tcat\n"
    with pytest.raises(Stop, match="drop: no event has the label 'Dog'; there are: cat, dog"):
        _read(root, text, drop=["Dog", "cat"])


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("a1.wav\t2\t1\tdog\na2.wav\t1\t1\tdog\n", r"2 rows \(line 2, 3\): has an offset not after its onset"),
        ("a1.wav\t1\t2\tdog\n\nb1.wav\t-1\t1\tdog\n", r"1 row \(line 4\): has an onset before 0 s"),
        ("a1.wav\t1\t1:30\tdog\n", r"1 row \(line 2\): has an onset or offset that is not a number"),
        ("a1.wav\tnan\tinf\tdog\n", r"1 row \(line 2\): has an onset or offset that is not a number"),
        ("a1.wav\t1\t2\t\n", r"1 row \(line 2\): lacks an onset, an offset or a label"),
        ("\t1\t2\tdog\n", r"1 row \(line 2\): lacks a path"),
        ("c1.wav\t1\t2\tdog\n", r"1 row \(line 2\): names a recording that is not in .*audio"),
        ("../a1.wav\t1\t2\tdog\n", "names a recording that is not in"),
        ("a1.wav\t1\t2\tdog|cat\n", r"has a label with \|"),
        ("a1.wav\t1\t2\tdog\tmore\n", r"1 row \(line 2\): has more than 4 columns"),
    ],
)
def test_wrong_rows_are_named_by_their_lines(root, rows, sentence):
    with pytest.raises(Stop, match=sentence):
        _read(root, HEAD + rows)


def test_a_recording_of_two_sources_is_named(root):
    columns = COLUMNS | {"source": "who"}
    text = HEAD[:-1] + "\twho\na1.wav\t1\t2\tdog\tann\na1.wav\t3\t4\tdog\tbob\n"
    with pytest.raises(Stop, match=r"1 row \(line 3\): has another source than its recording's first row"):
        _read(root, text, columns=columns, source=None)


def test_a_wrong_list_of_one_recording_is_named(root):
    (root / "audio/a2.txt").write_text("1\t2\tdog\n5\t4\tdog\n")
    with pytest.raises(Stop, match=r"a2.txt: 1 row \(line 2\): has an offset not after its onset"):
        read(root, _dataset_file(file="{stem}.txt", **EACH))


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"file": "none.csv"}, "file is 'none.csv': there is no such file"),
        ({"file": "{stem}.none", **EACH}, "file is '{stem}.none': no such file exists for any of 3 recordings"),
        ({"sounds": "wav"}, "sounds is 'wav': there is no such folder"),
        ({"sounds": ".."}, "sounds is '..': there is no such folder"),
        (
            {"columns": COLUMNS | {"onset": "start"}},
            "has no column start; it has: filename, onset, offset, event_label",
        ),
        ({"columns": EACH["columns"]}, "columns.path is missing, or file must hold {stem}"),
        ({"file": "{stem}.txt"}, "so columns may name onset, offset and label only"),
        ({"source": None}, "the source is missing, or given twice"),
        ({"source": "folder"}, "must be `parent`, or hold a pattern"),
        ({"unlisted": "negative"}, "own.yaml: unlisted is 'negative'"),
    ],
)
def test_a_wrong_dataset_file_is_named(root, keys, sentence):
    (root / "events.tsv").write_text(HEAD)
    with pytest.raises(Stop, match=sentence):
        read(root, _dataset_file(**keys))
