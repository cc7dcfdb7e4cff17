import hashlib
import io
import tarfile
import zipfile
from types import SimpleNamespace

import pytest

from sourcewise.core import params
from sourcewise.core.errors import Stop
from sourcewise.storage import archives
from sourcewise.storage.archives import checksum
from stages import fetch
from tests.conftest import REPOSITORY, tone, write_wav

PARAMS = "dataset: own\naugment: {background: null}\n"
DATASET_FILE = "title: t\nlicence: l\nreader: folder\nlabel: parent\nsource: parent\n"


@pytest.fixture
def repository(in_tmp):
    (in_tmp / "params.yaml").write_text(PARAMS)
    return in_tmp


def _dataset_file(repository, more=""):
    (repository / "data/datasets/own.yaml").write_text(DATASET_FILE + more)


def _archive(path, members):
    with tarfile.open(path, "w:gz") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


def test_a_root_elsewhere_becomes_a_link(repository, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("else where")
    write_wav(elsewhere / "dogs/1.wav", tone(440))
    _dataset_file(repository, f"root: {elsewhere}\n")
    for _ in range(2):
        fetch.main()
        assert (repository / "data/raw/own").resolve() == elsewhere.resolve()
        assert (repository / "data/raw/own/dogs/1.wav").is_file()


def test_a_relative_root_belongs_to_the_repository_also_within_an_experiment(repository, monkeypatch):
    (repository / "recordings").mkdir()
    copy = repository / ".dvc" / "tmp" / "exps" / "tmpabc"
    (copy / "data" / "datasets").mkdir(parents=True)
    (copy / "params.yaml").write_text(PARAMS)
    (copy / "data/datasets/own.yaml").write_text(DATASET_FILE + "root: recordings\n")
    monkeypatch.chdir(copy)
    fetch.main()
    assert (copy / "data/raw/own").resolve() == (repository / "recordings").resolve()


def test_a_folder_put_there_by_hand_is_found_within_an_experiment(repository, monkeypatch):
    write_wav(repository / "data/raw/own/dogs/1.wav", tone(440))
    copy = repository / ".dvc" / "tmp" / "exps" / "tmpabc"
    (copy / "data" / "datasets").mkdir(parents=True)
    (copy / "params.yaml").write_text(PARAMS)
    (copy / "data/datasets/own.yaml").write_text(DATASET_FILE)
    monkeypatch.chdir(copy)
    fetch.main()
    assert (copy / "data/raw/own/dogs/1.wav").is_file()


def test_a_root_that_does_not_exist_is_named(repository):
    _dataset_file(repository, "root: nowhere\n")
    with pytest.raises(Stop, match="root is 'nowhere': there is no folder .*nowhere and no archive"):
        fetch.main()


def test_a_folder_put_there_by_hand_is_kept(repository):
    write_wav(repository / "data/raw/own/dogs/1.wav", tone(440))
    _dataset_file(repository)
    fetch.main()
    _dataset_file(repository, "root: data\n")
    with pytest.raises(Stop, match="is a folder, but root says '"):
        fetch.main()
    _dataset_file(repository, "make: telephone\n")
    for _ in range(2):
        fetch.main()
        assert len(list((repository / "data/raw/own").rglob("*.wav"))) == 48
        (aside,) = (repository / "data/raw").glob("own.before-*")
        assert (aside / "dogs/1.wav").is_file()


def test_a_link_put_there_by_hand_is_kept(repository, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (repository / "data/raw").mkdir()
    (repository / "data/raw/own").symlink_to(elsewhere)
    for more in ("", "root: data/raw/own\n"):
        _dataset_file(repository, more)
        fetch.main()
        assert (repository / "data/raw/own").resolve() == elsewhere.resolve()


def test_a_missing_folder_that_cannot_be_fetched_is_reported(repository):
    _dataset_file(repository)
    with pytest.raises(Stop, match=r"data/raw/own does not exist: put the recordings there, or set root"):
        fetch.main()


@pytest.mark.parametrize("suffix", ["tar", "zip"])
def test_an_archive_is_unpacked_and_checked(repository, suffix):
    if suffix == "tar":
        _archive(repository / "a.tar.gz", {"top/recordings/7.wav": b"sound", "top/README": b"r"})
    else:
        with zipfile.ZipFile(repository / "a.tar.gz", "w") as archive:
            archive.writestr("top/recordings/7.wav", b"sound")
    # printf sound > 7.wav; find . -type f | sort | xargs sha256sum | sha256sum
    checksum = "ec56e04466694f7342f528478b269c9a10a4f071f7017300d07e491f4ca04875"
    _dataset_file(repository, f"url: file://{repository}/a.tar.gz\ninside: top/recordings\nchecksum: {checksum}\n")
    for _ in range(2):
        fetch.main()
        assert [path.name for path in (repository / "data/raw/own").iterdir()] == ["7.wav"]


def test_files_of_another_checksum_are_refused(repository):
    _archive(repository / "a.tar.gz", {"7.wav": b"another sound"})
    _dataset_file(repository, f"url: file://{repository}/a.tar.gz\nchecksum: '{'0' * 64}'\n")
    with pytest.raises(Stop, match=f"have the checksum [0-9a-f]{{64}}, the dataset file says {'0' * 64}"):
        fetch.main()
    assert not (repository / "data/raw/own").exists()


def test_half_an_archive_is_reported_and_downloaded_again(repository):
    _archive(repository / "a.tar.gz", {"7.wav": bytes(range(256)) * 100})
    whole = (repository / "a.tar.gz").read_bytes()
    (repository / "a.tar.gz").write_bytes(whole[: len(whole) // 2])
    _dataset_file(repository, f"url: file://{repository}/a.tar.gz\nchecksum: x\n")
    with pytest.raises(Stop, match="cannot be unpacked"):
        fetch.main()
    (repository / "a.tar.gz").write_bytes(whole)
    with pytest.raises(Stop, match="have the checksum"):
        fetch.main()


def _zip(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


@pytest.mark.parametrize("write", [_zip, _archive])
def test_the_root_may_be_an_archive(repository, write):
    write(repository / "own.pack", {"top/dogs/7.wav": b"sound", "top/cats/8.wav": b"more", "README": b"r"})
    _dataset_file(repository, "root: own.pack\ninside: top\n")
    for _ in range(2):
        fetch.main()
        folder = repository / "data/raw/own"
        assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*.wav")) == ["cats/8.wav", "dogs/7.wav"]
    write(repository / "own.pack", {"top/dogs/7.wav": b"other"})
    fetch.main()
    assert (repository / "data/raw/own/dogs/7.wav").read_bytes() == b"other"


def test_an_archive_of_ones_own_is_never_deleted(repository):
    _archive(repository / "own.tar.gz", {"7.wav": b"sound"})
    _dataset_file(repository, f"root: own.tar.gz\nchecksum: '{'0' * 64}'\n")
    with pytest.raises(Stop, match="the files of own.tar.gz have the checksum"):
        fetch.main()
    (repository / "own.tar.gz").write_bytes(b"no archive")
    with pytest.raises(Stop, match="own.tar.gz cannot be unpacked"):
        fetch.main()
    assert (repository / "own.tar.gz").read_bytes() == b"no archive"
    assert not (repository / "data/raw/own").exists()


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
def test_the_checksum_may_be_that_of_the_archive(repository, algorithm):
    _zip(repository / "a.zip", {"dogs/7.wav": b"sound"})
    right = hashlib.new(algorithm, (repository / "a.zip").read_bytes()).hexdigest()
    wrong = hashlib.new(algorithm, b"").hexdigest()
    _dataset_file(repository, f"url: file://{repository}/a.zip\nchecksum: {algorithm}:{wrong}\n")
    with pytest.raises(Stop, match=f"does not have the checksum of the dataset file, {algorithm}:{wrong}"):
        fetch.main()
    assert not (repository / "data/raw/own").exists()
    _dataset_file(repository, f"url: file://{repository}/a.zip\nchecksum: {algorithm}:{right}\n")
    fetch.main()
    assert (repository / "data/raw/own/dogs/7.wav").is_file()


def test_a_checksum_of_another_kind_is_named(repository):
    _zip(repository / "a.zip", {"dogs/7.wav": b"sound"})
    _dataset_file(repository, "root: a.zip\nchecksum: crc:0\n")
    with pytest.raises(Stop, match="checksum is 'crc:0': must be 64 hexadecimal digits, or begin with md5: or sha256:"):
        fetch.main()


@pytest.mark.parametrize("write", [_zip, _archive])
def test_what_grows_as_no_sound_does_is_refused(repository, write, monkeypatch):
    write(repository / "a.pack", {"7.wav": bytes(1_000_000)})
    _dataset_file(repository, "root: a.pack\n")
    fetch.main()  # a second of silence may be packed as small as it can be
    monkeypatch.setattr(archives, "UNCHECKED_BYTES", 100_000)
    with pytest.raises(Stop, match="would grow from [0-9]+ to 1000000 bytes, as no sound does: not unpacked"):
        fetch.main()


def test_what_does_not_fit_on_the_disk_is_refused(repository, monkeypatch):
    _zip(repository / "a.zip", {"7.wav": b"sound"})
    _dataset_file(repository, "root: a.zip\n")
    monkeypatch.setattr(archives.shutil, "disk_usage", lambda path: SimpleNamespace(free=4))
    with pytest.raises(Stop, match="a.zip needs 5 bytes unpacked, but 4 are free on the disk"):
        fetch.main()


def test_a_link_in_a_zip_becomes_a_file(repository):
    with zipfile.ZipFile(repository / "a.zip", "w") as file:
        link = zipfile.ZipInfo("7.wav")
        link.external_attr = 0o120777 << 16
        file.writestr(link, "/etc/passwd")
    _dataset_file(repository, "root: a.zip\n")
    fetch.main()
    assert not (repository / "data/raw/own/7.wav").is_symlink()
    assert (repository / "data/raw/own/7.wav").read_text() == "/etc/passwd"


@pytest.mark.parametrize("inside", ["..", "../..", "/tmp", "nowhere"])
def test_a_folder_outside_the_archive_is_refused(repository, inside):
    _archive(repository / "a.tar", {"7.wav": b"x"})
    _dataset_file(repository, f"url: file://{repository}/a.tar\ninside: {inside}\nchecksum: x\n")
    with pytest.raises(Stop, match="has no folder"):
        fetch.main()


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ("url: http://example.org/a.zip\nchecksum: x\n", "must start with https:// or file://"),
        ("url: file:///nowhere/a.zip\nchecksum: x\n", "could not be read"),
        ("url: https://example.org/a.zip\n", "url needs a checksum"),
        (
            "make: vioces\n",
            "No synthetic dataset 'vioces'. Did you mean voices\\? Available: events, genres, telephone, voices",
        ),
    ],
)
def test_a_wrong_origin_is_named(repository, more, sentence):
    _dataset_file(repository, more)
    with pytest.raises(Stop, match=sentence):
        fetch.main()


def test_the_checksum_of_the_dataset_file_is_that_of_the_real_recordings(fsdd):
    keys = params.read_yaml(REPOSITORY / "data/datasets/fsdd.yaml")
    assert checksum(fsdd) == keys["checksum"]


def test_noises_by_hand_stay_and_a_folder_elsewhere_becomes_a_link(repository, tmp_path_factory):
    _dataset_file(repository)
    (repository / "data/raw/own").mkdir(parents=True)
    fetch.main()
    assert [path.name for path in (repository / "data/noise").iterdir()] == ["README.txt"]
    elsewhere = tmp_path_factory.mktemp("noises")
    (repository / "params.yaml").write_text(PARAMS.replace("null", str(elsewhere)))
    fetch.main()
    assert (repository / "data/noise").resolve() == elsewhere
    (repository / "params.yaml").write_text(PARAMS)
    fetch.main()
    assert not (repository / "data/noise").is_symlink()
    write_wav(repository / "data/noise/hum.wav", tone(50))
    fetch.main()
    assert (repository / "data/noise/hum.wav").is_file()
    (repository / "params.yaml").write_text(PARAMS.replace("null", str(elsewhere)))
    with pytest.raises(Stop, match=r"data/noise is a folder, but augment.background says .*: move the folder away"):
        fetch.main()


def test_noises_by_hand_are_found_within_an_experiment(repository, monkeypatch):
    _dataset_file(repository)
    write_wav(repository / "data/raw/own/a/1.wav", tone(300))
    write_wav(repository / "data/noise/hum.wav", tone(50))
    copy = repository / ".dvc/tmp/exps/abc"
    (copy / "data/datasets").mkdir(parents=True)
    (copy / "params.yaml").write_text(PARAMS)
    (copy / "data/datasets/own.yaml").write_text(DATASET_FILE)
    monkeypatch.chdir(copy)
    fetch.main()
    assert (copy / "data/noise/hum.wav").is_file()


def test_a_missing_folder_of_noises_is_named(repository):
    _dataset_file(repository)
    (repository / "data/raw/own").mkdir(parents=True)
    (repository / "params.yaml").write_text(PARAMS.replace("null", "nowhere"))
    with pytest.raises(Stop, match="augment.background is 'nowhere': there is no folder"):
        fetch.main()
