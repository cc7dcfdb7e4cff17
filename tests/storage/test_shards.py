import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from sourcewise.compute.parallel import THREADS
from sourcewise.storage import shards
from sourcewise.storage.files import Ragged, sha256
from tests.conftest import REPOSITORY

COMPUTE = THREADS.model_copy(update={"cache_gb": 1})
SHORT = 1000


def _table(names, n_samples=SHORT):
    return pd.DataFrame({"clip_id": [f"clip-{name}" for name in names], "n_samples": n_samples})


def _write(folder, table, *, keys=None, version="v", compute=COMPUTE, times=1):
    """Clip k holds its number in the table's names, so often as its last digit says; the numbers that were made."""
    numbers, made = [int(name.split("-")[1]) for name in table["clip_id"]], []
    keys = [number.to_bytes(16, "little") for number in numbers] if keys is None else keys

    def blocks(rows):
        for row in rows:
            made.append(numbers[row])
            data = np.full((numbers[row] % 10, 2), times * numbers[row], np.int32).tobytes()
            yield data, [len(data)]

    how = {"dtype": np.int32, "width": (2,), "version": version, "compute": compute}
    assert shards.write(folder, table, keys, blocks, **how) == {path: sha256(path) for path in folder.glob("shards/*")}
    assert [(len(clip), set(clip.ravel())) for clip in Ragged.open(folder)] == [
        (number % 10, {times * number} if number % 10 else set()) for number in numbers
    ]
    return made


def _files(folder):
    """What tells whether a file is the same one, by name."""
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in (folder / "shards").iterdir()}


def test_clips_come_back_in_order_and_about_so_many_share_a_file(in_tmp):
    table = _table(range(5000))
    assert _write(in_tmp / "x", table) == list(range(5000))
    assert 25 <= len(_files(in_tmp / "x")) <= 55  # 39 expected
    stored = Ragged.open(in_tmp / "x")
    assert [len(clip) for clip in stored.take(np.array([4999, 10, 7]))] == [9, 0, 7]
    with pytest.raises(ValueError, match="read-only"):
        stored[7][0] = 1


def test_long_clips_have_files_of_their_own(in_tmp):
    _write(in_tmp / "x", _table(range(50), n_samples=shards.SAMPLES))
    assert len(_files(in_tmp / "x")) == 50


def test_one_clip_more_or_less_changes_one_file(in_tmp):
    folder, names = in_tmp / "x", [n for n in range(3000) if n != 1502]
    _write(folder, _table(names))
    before = _files(folder)
    made = _write(folder, _table(range(3000)))
    after = _files(folder)
    assert 1502 in made and len(made) < 1000
    assert len(set(after.items()) - set(before.items())) == 1 and len(set(before) - set(after)) == 1
    _write(folder, _table(names))
    assert len(set(_files(folder).items()) - set(after.items())) == 1


def test_nothing_is_made_twice_and_the_same_names_are_given_elsewhere(in_tmp):
    table = _table(range(1000))
    _write(in_tmp / "x", table)
    assert _write(in_tmp / "x", table) == []
    assert _write(in_tmp / "y", table) == list(range(1000))
    assert _files(in_tmp / "x").keys() == _files(in_tmp / "y").keys()
    for name in ("shards.json", "offsets.npy"):
        assert (in_tmp / "x" / name).read_bytes() == (in_tmp / "y" / name).read_bytes()


def test_equal_shards_are_one_file(in_tmp):
    table = _table(range(10), n_samples=shards.SAMPLES)
    keys, clip = [bytes(16)] * 10, np.arange(3, dtype=np.int32)

    def made(rows):
        assert len(rows) == 1
        yield clip.tobytes(), [clip.nbytes]

    shards.write(in_tmp / "x", table, keys, made, dtype=np.int32, width=(), version="v", compute=COMPUTE)
    assert len(_files(in_tmp / "x")) == 1
    assert [found.tolist() for found in Ragged.open(in_tmp / "x")] == [[0, 1, 2]] * 10


def test_what_was_made_otherwise_is_made_anew(in_tmp):
    table = _table(range(500))
    _write(in_tmp / "x", table)
    assert _write(in_tmp / "x", table, version="w", times=2) == list(range(500))
    assert _write(in_tmp / "x", table) == list(range(500))
    no_cache = THREADS.model_copy(update={"cache_gb": 0})
    assert _write(in_tmp / "x", table, compute=no_cache) == list(range(500))
    (in_tmp / ".cache").rename(in_tmp / "elsewhere")
    assert _write(in_tmp / "x", table) == list(range(500))


def _cut(path):
    path.write_bytes(path.read_bytes()[:-1])


def _changed(path):
    path.write_bytes(path.read_bytes()[:-1] + b"x")


def _replaced(path):
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content)


def _linked(path):
    path.rename(path.parent / "elsewhere")
    path.symlink_to("elsewhere")


@pytest.mark.parametrize("touch", [_cut, _changed, _replaced, _linked, lambda path: path.unlink()])
def test_a_file_that_was_touched_is_made_anew_alone(in_tmp, touch):
    folder, table = in_tmp / "x", _table(range(1000))
    _write(folder, table)
    before = _files(folder)
    name = sorted(before)[0]
    touch(folder / "shards" / name)
    made = _write(folder, table)
    assert 0 < len(made) < 1000
    after = _files(folder)
    assert {other for other in before if after[other] != before[other]} == {name}


def test_nothing_else_stays(in_tmp):
    folder = in_tmp / "x"
    for path in ("values.npy", "not_run.json", "shards/old.npy", "old/values.npy"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("old")
    _write(folder, _table(range(5)))
    assert sorted(path.name for path in folder.iterdir()) == ["offsets.npy", "shards", "shards.json"]
    assert "old.npy" not in _files(folder)


def test_a_run_that_ends_half_way_leaves_nothing_that_is_trusted(in_tmp):
    folder, table = in_tmp / "x", _table(range(2000))

    def ends(rows):
        yield np.zeros((1, 2), np.int32).tobytes(), [8]
        raise KeyboardInterrupt

    keys = [number.to_bytes(16, "little") for number in range(2000)]
    with pytest.raises(KeyboardInterrupt):
        shards.write(folder, table, keys, ends, dtype=np.int32, width=(2,), version="v", compute=COMPUTE)
    assert len(_files(folder)) == 1
    assert _write(folder, table) == list(range(2000))


def test_dvc_leaves_what_lies_there(in_tmp):
    outs = YAML(typ="safe").load(REPOSITORY / "dvc.yaml")["stages"]["extract"]["do"]["outs"]
    work = "open('data/features/mel/' + ('b' if os.path.exists('data/features/mel/a') else 'a'), 'w')"
    folders = "[os.makedirs(f'data/{name}', exist_ok=True) for name in ('features/mel', 'extracted')]"
    digest = "open('data/extracted/mel.txt', 'w')"
    command = f'{sys.executable} -c "import os; {folders}; {digest}; {work}"'
    stage = {"cmd": command, "outs": outs, "always_changed": True}
    with open("dvc.yaml", "w") as file:
        YAML().dump({"vars": [{"key": "mel"}], "stages": {"extract": stage}}, file)
    for arguments in (["init", "--no-scm", "--quiet"], ["repro", "--quiet"], ["repro", "--quiet"]):
        subprocess.run([sys.executable, "-m", "dvc", *arguments], check=True)
    assert sorted(path.name for path in (in_tmp / "data/features/mel").iterdir()) == ["a", "b"]
