"""Dataset files of corpora that cannot be downloaded here, on stand-ins of their layout, through fetch and ingest."""

import hashlib
import re
import tarfile
import zipfile

import pytest

from sourcewise.core.errors import Stop
from sourcewise.datasets import dataset_file, manifest
from stages import check, fetch, ingest
from tests.conftest import REPOSITORY, change_params, tone, write_wav

ESC50 = """filename,fold,target,category,esc10,src_file,take
1-100032-A-0.wav,1,0,dog,True,100032,A
1-100038-A-14.wav,1,14,chirping_birds,False,100038,A
2-100038-B-14.wav,2,14,chirping_birds,False,100038,B
"""
URBANSOUND8K = """slice_file_name,fsID,start,end,salience,fold,classID,class
100032-3-0-0.wav,100032,0.0,0.317551,1,5,3,dog_bark
100263-2-0-117.wav,100263,58.5,62.5,1,10,2,children_playing
100263-2-0-121.wav,100263,60.5,64.5,1,10,2,children_playing
"""
COMMONVOICE = (
    "client_id\tpath\tsentence_id\tsentence\tsentence_domain\tup_votes\tdown_votes\tage\tgender\taccents\tvariant\tlocale"
    '\tsegment\na1b2\tcommon_voice_en_1.mp3\t9\t"Yes, he said.\t\t2\t0\ttwenties\tmale_masculine\t\t\ten\t\n'
    "a1b2\tcommon_voice_en_2.mp3\t8\tNo.\t\t2\t0\ttwenties\tmale_masculine\t\t\ten\t\n"
    "c3d4\tcommon_voice_en_3.mp3\t7\tGo; now.\t\t2\t1\t\tfemale\t\t\ten\t\n"
    "e5f6\tcommon_voice_en_4.mp3\t6\tStop.\t\t2\t0\t\t\t\t\ten\t\n"
    "g7h8\tcommon_voice_en_5.mp3\t6\tStop.\t\t2\t0\t\tdo_not_wish_to_say\t\t\ten\t\n"
)

#: Of each dataset file: its sounds, its other files, and what has to be read of it: (path, labels, source, given).
LAYOUTS = {
    "esc10": (
        ["audio/1-100032-A-0.wav", "audio/1-100038-A-14.wav", "audio/2-100038-B-14.wav"],
        {"meta/esc50.csv": ESC50.replace("14,chirping_birds,False,100038,B", "10,rain,True,100038,B")},
        [("audio/1-100032-A-0.wav", "dog", "100032", "1"), ("audio/2-100038-B-14.wav", "rain", "100038", "2")],
    ),
    "esc50": (
        ["audio/1-100032-A-0.wav", "audio/1-100038-A-14.wav", "audio/2-100038-B-14.wav"],
        {"meta/esc50.csv": ESC50, "LICENSE": "CC", "README.md": "ESC-50"},
        [
            ("audio/1-100032-A-0.wav", "dog", "100032", "1"),
            ("audio/1-100038-A-14.wav", "chirping_birds", "100038", "1"),
            ("audio/2-100038-B-14.wav", "chirping_birds", "100038", "2"),
        ],
    ),
    "urbansound8k": (
        ["audio/fold5/100032-3-0-0.wav", "audio/fold10/100263-2-0-117.wav", "audio/fold10/100263-2-0-121.wav"],
        {"metadata/UrbanSound8K.csv": URBANSOUND8K, "FREESOUNDCREDITS.txt": "", "audio/.DS_Store": ""},
        [
            ("audio/fold10/100263-2-0-117.wav", "children_playing", "100263", "10"),
            ("audio/fold10/100263-2-0-121.wav", "children_playing", "100263", "10"),
            ("audio/fold5/100032-3-0-0.wav", "dog_bark", "100032", "5"),
        ],
    ),
    "commonvoice_gender": (
        [f"clips/common_voice_en_{k}.mp3" for k in range(1, 7)],
        {"validated.tsv": COMMONVOICE, "train.tsv": COMMONVOICE[:100]},
        [
            ("clips/common_voice_en_1.mp3", "male", "a1b2", ""),
            ("clips/common_voice_en_2.mp3", "male", "a1b2", ""),
            ("clips/common_voice_en_3.mp3", "female", "c3d4", ""),
        ],
    ),
    "gtzan": (
        ["blues/blues.00000.wav", "blues/blues.00001.wav", "rock/rock.00000.wav"],
        {"blues/._blues.00000.wav": "resource fork"},
        [
            ("blues/blues.00000.wav", "blues", "blues.00000", ""),
            ("blues/blues.00001.wav", "blues", "blues.00001", ""),
            ("rock/rock.00000.wav", "rock", "rock.00000", ""),
        ],
    ),
}


def _corpus(folder, name):
    sounds, others, _ = LAYOUTS[name]
    for k, path in enumerate(sounds):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        write_wav(folder / path, tone(300 + 50 * k, seconds=0.3, sr=16_000), 16_000, **_how(path))
    for path, text in others.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def _how(path):
    return {"subtype": "MPEG_LAYER_III"} if path.endswith(".mp3") else {}


@pytest.fixture
def use(in_tmp):
    """A function that makes a dataset file of the repository, with lines replaced, the chosen one."""

    def _use(name, replaced=()):
        (in_tmp / "params.yaml").write_text((REPOSITORY / "params.yaml").read_text())
        change_params(in_tmp, {"dataset": name})
        text = (REPOSITORY / f"data/datasets/{name}.yaml").read_text()
        for pattern, line in replaced:
            text, n = re.subn(pattern, line, text, flags=re.MULTILINE)
            assert n == 1, pattern
        (in_tmp / f"data/datasets/{name}.yaml").write_text(text)
        return in_tmp / "data/raw" / name

    return _use


def _read(name):
    return [tuple(recording)[:4] for recording in dataset_file.read(name)]


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_dataset_file_reads_its_corpus(name, use):
    raw = use(name)
    _corpus(raw, name)
    check.main()
    assert _read(name) == sorted(LAYOUTS[name][2])
    ingest.main()
    table = manifest.read()
    assert sorted(table[["path", "labels", "source", "given"]].itertuples(index=False, name=None)) == _read(name)


def test_gtzan_without_artists_is_warned_of(use, capsys):
    _corpus(use("gtzan"), "gtzan")
    ingest.main()
    assert "WARNING: each clip is a source of its own, as no artist is known" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "top"), [("esc50", "ESC-50-master"), ("urbansound8k", "UrbanSound8K")])
def test_the_archive_of_a_dataset_file_is_fetched_and_checked(name, top, use, tmp_path_factory):
    provider = tmp_path_factory.mktemp("provider")
    _corpus(provider / top, name)
    with zipfile.ZipFile(provider / "a.zip", "w") as archive:
        for path in sorted((provider / top).rglob("*")):
            archive.write(path, path.relative_to(provider))
    digest = hashlib.md5((provider / "a.zip").read_bytes()).hexdigest()
    url = (r"^url: https://.*", f"url: file://{provider}/a.zip")
    use(name, [url])
    with pytest.raises(Stop, match="does not have the checksum of the dataset file, md5:"):
        fetch.main()
    use(name, [url, (r"^checksum: md5:[0-9a-f]{32} ", f"checksum: md5:{digest} ")])
    fetch.main()
    assert _read(name) == sorted(LAYOUTS[name][2])


def test_the_archive_of_gtzan_may_be_the_root(use, tmp_path_factory):
    provider = tmp_path_factory.mktemp("provider")
    _corpus(provider / "genres", "gtzan")
    with tarfile.open(provider / "genres.tar.gz", "w:gz") as archive:
        archive.add(provider / "genres", "genres")
    use("gtzan", [(r"^root: null", f"root: {provider}/genres.tar.gz")])
    fetch.main()
    assert _read("gtzan") == sorted(LAYOUTS["gtzan"][2])


def test_the_artist_keeping_lists_of_gtzan(use):
    taken = [(r"^# lists:", "lists:"), (r"^# only_listed:", "only_listed:")]
    raw = use("gtzan", taken)
    _corpus(raw, "gtzan")
    for part, path in (("train", "blues/blues.00001.wav"), ("valid", "rock/rock.00000.wav"), ("test", "rock/none.wav")):
        (raw / f"{part}_filtered.txt").write_text(f"{path}\n")
    change_params(raw.parents[2], {"split.method": "given"})
    check.main()
    assert _read("gtzan") == [
        ("blues/blues.00001.wav", "blues", "blues.00001", "train"),
        ("rock/rock.00000.wav", "rock", "rock.00000", "validation"),
    ]


def test_the_artists_of_gtzan_from_a_table(use):
    line = r"source: {pattern: '([^/]+)\\.[a-z]+$', file: artists.csv}"
    raw = use("gtzan", [(r"^source: .*", line)])
    _corpus(raw, "gtzan")
    (raw / "artists.csv").write_text("clip,artist\nblues.00000,John Lee Hooker\nblues.00001,John Lee Hooker\n")
    with pytest.raises(
        Stop, match=r"and the table artists.csv gives no usable name for 1 of 3 .*'rock/rock.00000.wav'"
    ):
        dataset_file.read("gtzan")
    with (raw / "artists.csv").open("a") as file:
        file.write("rock.00000,Queen\n")
    assert [source for _, _, source, _ in _read("gtzan")] == ["John Lee Hooker", "John Lee Hooker", "Queen"]


@pytest.mark.parametrize("path", sorted((REPOSITORY / "data/datasets").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_dataset_file_is_valid_and_says_where_it_is_from(path, in_tmp):
    (in_tmp / "data/datasets" / path.name).write_text(path.read_text())
    keys = dataset_file.load(path.stem)
    assert keys.title and keys.licence
