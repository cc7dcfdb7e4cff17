"""Messages of the front door name one cause and the cure, in whole; an advised command works when it is typed."""

import io
import subprocess
import sys
import zipfile

import pytest

from sourcewise.core import params
from sourcewise.core.errors import Stop
from sourcewise.datasets.propose import command
from sourcewise.datasets.readers import eventlist, manifest
from tests.datasets.propose.conftest import write

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 72862\n"
NAMED = "is a pointer of Git LFS, not the file itself: clone the repository with Git LFS, or `git lfs pull`"
SOUNDS = {f"{label}/{who}{k}.wav": None for label in ("cat", "dog") for who in ("ann", "bob", "cid") for k in "xy"}


@pytest.fixture
def stopped(arrived, in_tmp):
    """A function that writes files, proposes and ingests `target`; returns the sentence that it stops with, with
    <root> for the folder."""

    def sentence(files, target=".", **options):
        with pytest.raises(Stop) as stop:
            arrived(files, target, **options)
        return stop.value.sentence.removeprefix("dataset file: ").replace(str(in_tmp / "given"), "<root>")

    return sentence


@pytest.mark.parametrize("name", ["list.csv", "list.xlsx", "list.json", "list.parquet", "list.txt", "sounds.zip"])
def test_a_pointer_of_git_lfs_is_named_alike_everywhere(stopped, name):
    assert stopped(SOUNDS | {name: POINTER}, name) == f"<root>/{name} {NAMED}"


def test_recordings_that_are_pointers_are_named_alike(stopped):
    files = dict.fromkeys(SOUNDS, POINTER)
    assert stopped(files) == f"none of the 12 files can be read, the first: 'cat/annx.wav' {NAMED}"


@pytest.mark.parametrize(
    ("files", "target", "sentence"),
    [
        (
            SOUNDS,
            "cat/annx.wav",
            "<root>/cat/annx.wav is a recording: pass the folder of all recordings, or a table that lists them",
        ),
        (SOUNDS, "nothing", "there is no folder or file <root>/nothing"),
        ({"a.pdf": "%PDF"}, ".", "<root> holds 1 PDF file and no sound"),
        (
            SOUNDS | {"list.csv": "file,label\n" + "".join(f"x{k}.wav,{'ab'[k % 2]}\n" for k in range(9))},
            "list.csv",
            "<root>/list.csv: found no column with the paths of recordings: of those in 'file', such as 'x0.wav', too "
            "few are below <root>: name the folder of the recordings with --sounds; the columns are: file, label",
        ),
        (
            SOUNDS | {"list.csv": "file,note\n" + "".join(f"{name},{k} times\n" for k, name in enumerate(SOUNDS))},
            "list.csv",
            "<root>/list.csv: found no column with the classes of its recordings; the columns are: file, note",
        ),
    ],
)
def test_what_cannot_be_proposed_says_why(stopped, files, target, sentence):
    assert stopped(files, target) == sentence


def test_an_empty_folder_is_named(in_tmp):
    with pytest.raises(Stop, match="dataset file: .* is empty"):
        command.main(in_tmp, name="own")


@pytest.mark.parametrize("target", [".", "my sounds.zip"])
def test_the_advised_command_unpacks_an_archive(stopped, in_tmp, capsys, target):
    content = io.BytesIO()
    write(in_tmp / "one.wav", None)
    with zipfile.ZipFile(content, "w") as archive:
        for name in SOUNDS:
            archive.write(in_tmp / "one.wav", name)
    advice = stopped({"my sounds.zip": content.getvalue()}, target).rpartition(": ")[2]
    assert advice == "python -m zipfile -e '<root>/my sounds.zip' '<root>/my sounds'"
    typed = advice.replace("<root>", str(in_tmp / "given")).replace("python", sys.executable, 1)
    subprocess.run(["bash", "-c", typed], check=True)
    command.main(in_tmp / "given/my sounds", name="own")
    assert "12 recordings" in capsys.readouterr().out


def test_a_list_elsewhere_than_its_recordings(arrived, in_tmp):
    text = "file,label,speaker\n" + "".join(f"{name},{name[:3]},{name[4:7]}\n" for name in SOUNDS)
    files = {f"disk/audio/{name}": None for name in SOUNDS} | {"papers/2021/list.csv": text}
    with pytest.raises(Stop, match="name the folder of the recordings with --sounds"):
        arrived(files, "papers/2021/list.csv")
    table, _ = arrived({}, "papers/2021/list.csv", sounds=in_tmp / "given/disk")
    assert dict(zip(table["path"], table["labels"], strict=True)) == {f"disk/audio/{n}": n[:3] for n in SOUNDS}
    assert set(table["source"]) == {"ann", "bob", "cid"}


def test_a_list_too_far_from_its_recordings_is_to_be_copied(stopped, in_tmp):
    text = "file,label\n" + "".join(f"{name},{name[:3]}\n" for name in SOUNDS)
    sentence = stopped(SOUNDS | {"list.csv": text}, "list.csv", sounds="/usr")
    assert sentence == (
        "<root>/list.csv and /usr lie too far apart for one dataset: copy the table into the folder of the recordings, "
        "then propose it there: cp <root>/list.csv /usr"
    )


KEYS = {"title": "t", "licence": "l", "file": "a.csv"}
COLUMNS = {"path": "p", "label": "l", "source": "s"}


@pytest.mark.parametrize(
    ("reader", "keys", "sentence"),
    [
        (
            manifest,
            {"columns": COLUMNS | {"label": ["l"]}},
            "columns.label is ['l']: must be a column, or a list of two or more, one for each class",
        ),
        (
            manifest,
            {"columns": COLUMNS, "where": {"q": {"a": "b"}}},
            "where.q: must be a text or a whole number, or a list of them",
        ),
        (manifest, {"columns": COLUMNS, "missing": True}, "missing is true: must be 'left_out'"),
        (
            eventlist,
            {"columns": {"path": "p", "onset": "a", "offset": "b", "label": "c"}, "source": "parent", "unit": "min"},
            "unit is 'min': must be 's' or 'ms'",
        ),
    ],
)
def test_a_wrong_dataset_file_is_named_without_words_of_the_validator(reader, keys, sentence):
    with pytest.raises(Stop) as stop:
        params.check(reader.DatasetFile, KEYS | {"reader": "x"} | keys, "own.yaml")
    assert stop.value.sentence == f"own.yaml: {sentence}"
