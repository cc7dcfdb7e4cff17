"""Known layouts: the proposed dataset file reads them as their authors mean."""

import os
import re
import subprocess
import sys

import pytest

from sourcewise.core.errors import Stop
from sourcewise.datasets import dataset_file
from sourcewise.datasets.propose import command
from tests.conftest import REPOSITORY, tone, write_av, write_wav


def _fsdd():
    return [f"{digit}_{who}_{take}" for digit in "0123" for who in ("george", "lucas", "theo") for take in range(4)]


def _voices():
    voices = {"female": ("ada", "bea", "cleo"), "male": ("abel", "boris", "carl")}
    return [f"{gender}/{who}/{k:02d}" for gender in voices for who in voices[gender] for k in range(1, 5)]


def _librispeech():
    chapters = {"84": ("121123", "121550", "122"), "251": ("118436", "136532", "137")}
    return [f"{who}/{c}/{who}-{c}-{k:04d}" for who in chapters for c in chapters[who] for k in range(4)]


def _speech_commands():
    spoken = {"yes": "004ae714 0132a06d c50f55b8", "no": "004ae714 c50f55b8 a1b2c3d4"}
    return [f"{word}/{who}_nohash_{k}" for word in spoken for who in spoken[word].split() for k in range(3)]


def _gtzan():
    return [f"{genre}/{genre}.{k:05d}" for genre in ("blues", "rock", "jazz") for k in range(6)]


def _urbansound():
    return [
        f"fold{fold}/{100 * fold + 10 * c + i}-{c}-{i}-{k}"
        for fold in range(1, 4)
        for c in range(3)
        for i in range(2)
        for k in range(3)
    ]


def _ravdess():
    return [f"Actor_{a:02d}/03-01-{e:02d}-01-{s:02d}-01-{a:02d}" for a in (1, 2, 3) for e in (1, 5, 8) for s in (1, 2)]


def _parted():
    return [
        f"{part}/{c}/{who}{k}" for part in ("train", "test") for c in ("cat", "dog") for who in "ab" for k in (1, 2)
    ]


def _crossed(classes, sources, form):
    return [form.format(c=c, who=who, k=k) for c in classes.split() for who in sources.split() for k in range(3)]


#: name: (paths without suffix, the labels, the sources)
LAYOUTS = {
    "fsdd": (_fsdd(), "0 1 2 3", "george lucas theo"),
    "voices": (_voices(), "female male", "abel ada bea boris carl cleo"),
    "librispeech": (_librispeech(), "251 84", "118436 121123 121550 122 136532 137"),
    "speech_commands": (_speech_commands(), "no yes", "004ae714 0132a06d a1b2c3d4 c50f55b8"),
    "urbansound": (
        _urbansound(),
        "air_conditioner car_horn children_playing",
        "110 111 100 101 120 121 200 201 210 211 220 221 300 301 310 311 320 321",
    ),
    "ravdess": (_ravdess(), "angry neutral surprised", "01 02 03"),
    "parted": (_parted(), "cat dog", "a b"),
    "numbered": (_crossed("cats dogs", "tom kim", "{c}/{who}{k:02d}"), "cats dogs", "kim tom"),
    "by_person": (_crossed("happy sad", "ann ben cid", "{who}/{c}/{k}"), "happy sad", "ann ben cid"),
    "accents": (_crossed("été l'hiver", "rené zoë", "{c}/{who} {k}"), "l'hiver été", "rené zoë"),
}


@pytest.fixture
def propose(in_tmp, capsys):
    """A function that makes files of 0.2 s in data/raw/own, proposes a dataset file, and returns the recordings that it
    reads and the output. The files are links to three, as their content does not matter."""
    (in_tmp / "params.yaml").write_text((REPOSITORY / "params.yaml").read_text())
    for k in range(3):
        write_wav(in_tmp / f"sounds/{k}.wav", tone(300 + 10 * k, seconds=0.2, sr=8000), 8000)

    def make(names, path=".", **tables):
        raw = in_tmp / "data/raw/own"
        for k, name in enumerate(names):
            (raw / f"{name}.wav").parent.mkdir(parents=True, exist_ok=True)
            os.link(in_tmp / f"sounds/{k % 3}.wav", raw / f"{name}.wav")
        for name, text in tables.items():
            file = raw / name.replace("__", "/").replace("_csv", ".csv").replace("_tsv", ".tsv").replace("_txt", ".txt")
            file.parent.mkdir(exist_ok=True)
            file.write_text(text)
        command.main(raw / path, name="own")
        return dataset_file.read("own"), capsys.readouterr().out

    return make


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_known_layout_is_read_as_its_authors_mean(propose, name):
    names, labels, sources = LAYOUTS[name]
    recordings, printed = propose(names)
    assert {r.path for r in recordings} == {f"{name}.wav" for name in names}
    assert sorted({r.labels for r in recordings}) == labels.split(" ")
    assert sorted({r.source for r in recordings}) == sorted(sources.split(" "))
    assert printed.endswith("Next: dvc exp run -S dataset=own\n")
    assert "no source (speaker, song, session, animal or device) was recognised" not in printed


def test_without_a_source_each_recording_is_one_and_a_warning_says_so(propose):
    recordings, printed = propose(_gtzan())
    assert {r.labels for r in recordings} == {"blues", "rock", "jazz"}
    assert all(r.source == r.path for r in recordings)
    assert "WARNING: no source (speaker, song, session, animal or device) was recognised" in printed
    assert "scores will be too high" in printed


def test_folds_and_parts_in_the_path_are_those_of_the_corpus(propose):
    assert {(r.path[:5], r.given) for r in propose(_urbansound())[0]} == {(f"fold{k}", str(k)) for k in (1, 2, 3)}


def test_lists_of_a_published_split_are_recognised(propose):
    names = _speech_commands()
    lists = {"testing_list_txt": f"{names[0]}.wav\n", "validation_list_txt": f"{names[1]}.wav\n"}
    given = {r.path: r.given for r in propose(names, **lists)[0]}
    assert (given[f"{names[0]}.wav"], given[f"{names[1]}.wav"], given[f"{names[2]}.wav"]) == (
        *("test", "validation", "train"),
    )


def test_few_sources_are_reported(propose):
    names = [f"{c}/{who}_{k}" for c in ("cats", "dogs") for who in ("tom", "kim") for k in range(3)]
    assert "WARNING: the split needs 3 sources of each class; these have fewer: cats, dogs" in propose(names)[1]


def test_files_that_cannot_be_read_are_reported_with_their_reason(propose, in_tmp):
    (in_tmp / "data/raw/own/male/carl").mkdir(parents=True)
    (in_tmp / "data/raw/own/male/carl/09.wav").write_text("text")
    write_av(in_tmp / "data/raw/own/male/carl/10.m4a", tone(300, seconds=0.5, sr=44_100), 44_100)
    printed = propose(_voices())[1]
    assert "WARNING: 1 of 26 files cannot be read: 'male/carl/09.wav' cannot be decoded: it is a text" in printed
    assert "24 at 8000 Hz, 1 at 44100 Hz (audio.sr resamples to 16000 Hz); 0.20 to 0.50 s, median 0.20 s" in printed


def test_each_column_is_recognised(propose):
    rows = [
        f"{k},{name}.wav,{'dog|rain' if k % 2 else 'cat'},s{k % 3},{k % 4 + 1},text {k}"
        for k, name in enumerate("abcdefghijkl")
    ]
    recordings, printed = propose(
        "abcdefghijkl", "list.csv", list_csv="\n".join(["nr,file,tags,speaker,fold,note", *rows])
    )
    assert [tuple(r)[:4] for r in recordings][:2] == [("a.wav", "cat", "s0", "1"), ("b.wav", "dog|rain", "s1", "2")]
    assert "nothing tells" not in printed


def test_names_are_preferred_to_their_numbers(propose):
    table = ["filename,fold,target,category,esc10,src_file,take"]
    names = []
    for fold in (1, 2, 3):
        for c, category in enumerate(("dog", "rain", "clock_tick")):
            for k in range(4):
                names.append(f"{fold}-{1000 * fold + 10 * c + k // 2}-{'AB'[k % 2]}-{c}")
                table.append(
                    f"{names[-1]}.wav,{fold},{c},{category},{c < 1},{1000 * fold + 10 * c + k // 2},{'AB'[k % 2]}"
                )
    recordings, _ = propose([f"audio/{name}" for name in names], "meta/esc50.csv", meta__esc50_csv="\n".join(table))
    assert tuple(recordings[0])[:4] == ("audio/1-1000-A-0.wav", "dog", "1000", "1")
    assert {r.labels for r in recordings} == {"dog", "rain", "clock_tick"}
    assert len({r.source for r in recordings}) == 18


def test_a_path_is_put_together_from_several_columns(propose):
    table, names = ["slice_file_name,fsID,start,end,salience,fold,classID,class"], _urbansound()
    for k, name in enumerate(names):
        fold, file = name.split("/")
        fs, c, *_ = file.split("-")
        table.append(
            f"{file}.wav,{fs},{k * 0.25},{k * 0.25 + 4},{k % 2 + 1},{fold[4:]},{c},{['siren', 'drill', 'bark'][int(c)]}"
        )
    recordings, _ = propose([f"audio/{name}" for name in names], "metadata/u.csv", metadata__u_csv="\n".join(table))
    assert tuple(recordings[0])[:4] == ("audio/fold1/100-0-0-0.wav", "siren", "100", "1")
    assert len(recordings) == len(names)


def test_a_tsv_and_a_gender(propose):
    table = ["client_id\tpath\tsentence\tup_votes\tgender"]
    table += [
        f'c{k % 5}\tcommon_{k}.wav\tWhat is “{k}", then?\t{k % 3}\t{"male" if k % 5 < 3 else "female"}'
        for k in range(20)
    ]
    table.append("c9\tcommon_0.wav\tNo gender\t0\t")
    names = [f"clips/common_{k}" for k in range(20)]
    recordings, _ = propose(names, "validated.tsv", validated_tsv="\n".join(table))
    assert tuple(recordings[0])[:3] == ("clips/common_0.wav", "male", "c0")
    assert {r.labels for r in recordings} == {"female", "male"}


def test_a_table_without_sources_says_so(propose):
    rows = [f"{k}.wav,{'ab'[k % 2]}" for k in range(8)]
    recordings, printed = propose(range(8), "list.csv", list_csv="\n".join(["name,label", *rows]))
    assert all(r.source == r.path for r in recordings)
    assert "no source (speaker, song, session, animal or device) was recognised" in printed


def test_listed_files_that_do_not_exist_are_reported(propose):
    rows = [f"{k}.wav,{'ab'[k % 2]},s{k % 4}" for k in range(10)]
    printed = propose(range(8), "list.csv", list_csv="\n".join(["name,label,speaker", *rows]))[1]
    assert "WARNING: 2 of 10 files cannot be read: '8.wav' does not exist; '9.wav' does not exist" in printed


def test_alternatives_are_comments_of_the_dataset_file(propose, in_tmp):
    rows = [f"{k}.wav,{'ab'[k % 2]},s{k % 4},{'xyz'[k % 3]}" for k in range(24)]
    propose(range(24), "list.csv", list_csv="\n".join(["name,label,speaker,room", *rows]))
    text = (in_tmp / "data/datasets/own.yaml").read_text()
    assert "\n  source: speaker " in text
    means = "3 sources: x, y, z; with the chosen source, 3 of them may be in several parts"
    assert re.search(rf"\n# source: room +# {means}\n", text)


def test_a_dataset_file_is_not_overwritten(propose, in_tmp):
    propose(_voices())
    written = (in_tmp / "data/datasets/own.yaml").read_bytes()
    (in_tmp / "data/datasets/own.yaml").write_text("mine")
    with pytest.raises(Stop, match="data/datasets/own.yaml exists: choose another --name, or pass --force"):
        command.main("data/raw/own")
    assert (in_tmp / "data/datasets/own.yaml").read_text() == "mine"
    command.main("data/raw/own", force=True)
    assert (in_tmp / "data/datasets/own.yaml").read_bytes() == written


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ([], "there is no folder or file"),
        (["rec1", "rec2", "rec3"], "neither folders nor names hold classes for the 3 files"),
    ],
)
def test_what_cannot_be_proposed_is_reported(propose, names, sentence):
    with pytest.raises(Stop, match=sentence):
        propose(names)


def test_a_table_whose_paths_do_not_exist_is_reported(propose):
    with pytest.raises(Stop, match="found no column with the paths .* the columns are: name, label"):
        propose(["a", "b"], "list.csv", list_csv="name,label\nx.wav,dog\ny.wav,cat\n")


def test_the_dataset_file_holds_the_folder_of_the_recordings(propose, in_tmp):
    for root, says in (
        ("data/raw/own", "root: null"),
        ("else", "root: else"),
        ("../outside", f"root: '{in_tmp.parent}/outside'"),
    ):
        for k, name in enumerate(_voices()):
            write_wav(in_tmp / root / f"{name}.wav", tone(300 + k, seconds=0.2))
        command.main(root if root == "else" else in_tmp / root, name="own", force=True)
        assert says in (in_tmp / "data/datasets/own.yaml").read_text()


def test_of_many_files_a_sample_is_read_and_reported(propose, monkeypatch):
    monkeypatch.setattr("sourcewise.datasets.propose.headers.MOST", 5)
    assert "read the headers of 5 of 24 files, drawn at random" in propose(_voices())[1]


def test_real_names(in_tmp, fsdd, capsys):
    (in_tmp / "params.yaml").write_text((REPOSITORY / "params.yaml").read_text())
    command.main(fsdd)
    text = (in_tmp / "data/datasets/fsdd.yaml").read_text()
    assert "look like Free Spoken Digit Dataset names" in text
    (in_tmp / "data/raw").mkdir()
    (in_tmp / "data/raw/fsdd").symlink_to(fsdd)
    recordings = dataset_file.read("fsdd")
    assert (len(recordings), len({r.labels for r in recordings}), len({r.source for r in recordings})) == (3000, 10, 6)
    assert "3,000 at 8000 Hz (audio.sr resamples to 16000 Hz); 0.14 to 2.28 s" in capsys.readouterr().out


def test_help():
    shown = subprocess.run(
        [sys.executable, "-m", "sourcewise", "propose", "--help"], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert "usage: python -m sourcewise propose" in shown.stdout and "--force" in shown.stdout
