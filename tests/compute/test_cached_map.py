import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from sourcewise.compute.cached_map import blocks, cached
from sourcewise.compute.parallel import THREADS
from sourcewise.storage import cache as store_module
from sourcewise.storage.serialise import singly
from tests.conftest import REPOSITORY

FILES = ("index", "values")
CACHE = THREADS.model_copy(update={"cache_gb": 1, "workers": 2})


class Work:
    """Rows of 25 to 124 random numbers by item, and which were asked for."""

    def __init__(self):
        self.asked = []

    def __call__(self, item):
        self.asked.append(item)
        rng = np.random.default_rng(item)
        return rng.random((25 + item % 100, 4))


def _key(item):
    return item.to_bytes(16, "little")


def _run(items, *, store="rows", compute=CACHE):
    """The results, once they are seen to be right, and the items that were computed."""
    work, items = Work(), list(items)
    results = list(cached(work, items, [_key(i) for i in items], store=store, title="t", compute=compute))
    assert len(results) == len(items)
    for item, one in zip(items, results, strict=True):
        np.testing.assert_array_equal(one, Work()(item), strict=True)
    return sorted(work.asked)


def _file(folder, store="rows", suffix="values"):
    return folder / ".cache" / f"{store}.{suffix}"


def _size(folder, store="rows"):
    return sum(_file(folder, store, suffix).stat().st_size for suffix in FILES)


def test_a_second_run_computes_nothing(in_tmp):
    assert _run(range(600)) == list(range(600))
    assert _run(range(600)) == []
    assert sorted(path.name for path in (in_tmp / ".cache").iterdir()) == ["rows.index", "rows.values"]


def test_one_new_item_is_the_only_one_computed(in_tmp):
    _run(range(300))
    assert _run([*range(150), 1000, *range(150, 300)]) == [1000]


def test_neither_another_order_nor_fewer_items_compute_any(in_tmp):
    _run(range(300))
    assert _run(reversed(range(300))) == []
    assert _run(range(0, 300, 7)) == []


def test_other_parameters_are_another_store(in_tmp):
    _run(range(10), store="rows-1")
    assert _run(range(10), store="rows-2") == list(range(10))
    assert _run(range(10), store="rows-1") == []


def test_what_repeats_is_computed_once(in_tmp):
    assert _run([1, 2, 1, *range(3, 600), 2, 599]) == list(range(1, 600))


def test_results_are_independent_of_each_other(in_tmp):
    for _ in range(2):
        one, other = cached(Work(), [1, 1], [_key(1)] * 2, store="rows", title="t", compute=CACHE)
        one += 1
        assert (other < 1).all()


def test_items_are_read_only_where_they_are_computed(in_tmp):
    class Items:
        read = 0

        def __len__(self):
            return 1000

        def __getitem__(self, i):
            Items.read += 1
            return i

    _run(range(900))
    results = cached(Work(), Items(), [_key(i) for i in range(1000)], store="rows", title="t", compute=CACHE)
    for _ in range(901):
        next(results)
    assert 1 <= Items.read <= 60
    results.close()
    assert len(_run(range(1000))) <= 99  # what was done before is kept


def test_blocks_are_runs_of_what_lies_together(in_tmp):
    def text(item):
        return f"<{item}>".encode() * item

    def run(items):
        options = {"store": "text", "title": "t", "compute": CACHE}
        results = [(bytes(data), sizes) for data, sizes in blocks(text, items, [_key(i) for i in items], **options)]
        assert [bytes(one) for one in singly(results)] == [text(i) for i in items]
        return [len(sizes) for _, sizes in results]

    assert run(range(50)) == [1] * 50
    assert run(range(50)) == [50]
    assert run([*range(20), 99, *range(20, 30), 3, *range(40, 50)]) == [20, 1, 10, 1, 10]
    assert run([*range(20), 99, *range(20, 50)]) == [20, 1, 30]


def test_what_was_done_before_an_error_is_kept(in_tmp):
    def fail(item):
        if item == 150:
            raise ZeroDivisionError
        return Work()(item)

    with pytest.raises(ZeroDivisionError):
        list(cached(fail, range(200), [_key(i) for i in range(200)], store="rows", title="t", compute=CACHE))
    assert _run(range(100)) == []


def test_switched_off_nothing_is_kept(in_tmp):
    off = CACHE.model_copy(update={"cache_gb": 0})
    assert _run(range(20), compute=off) == _run(range(20), compute=off) == list(range(20))
    assert not (in_tmp / ".cache").exists()


def test_a_damaged_value_is_computed_anew(in_tmp):
    _run(range(300))
    data = bytearray(_file(in_tmp).read_bytes())
    for item in (7, 8, 250):
        data[data.index(Work()(item).tobytes()) + 100] ^= 1
    _file(in_tmp).write_bytes(data)
    assert _run(range(300)) == [7, 8, 250]
    assert _run(range(300)) == []


@pytest.mark.parametrize("suffix", FILES)
@pytest.mark.parametrize("seed", range(20))
def test_flipped_bytes_change_no_result(in_tmp, seed, suffix):
    _run(range(300))
    data = bytearray(_file(in_tmp, suffix=suffix).read_bytes())
    rng = np.random.default_rng(seed)
    for position in rng.integers(0, len(data), 10 ** (seed % 4)):
        data[position] ^= int(rng.integers(1, 256))
    _file(in_tmp, suffix=suffix).write_bytes(data)
    _run(range(300))
    assert _run(range(300)) == []


@pytest.mark.parametrize("suffix", FILES)
@pytest.mark.parametrize("size", [0, 1, 100, 4096, 5000, 50_000, 300_000])
def test_a_truncated_file_changes_no_result(in_tmp, size, suffix):
    _run(range(300))
    os.truncate(_file(in_tmp, suffix=suffix), size)
    _run(range(300))
    assert _run(range(300)) == []


@pytest.mark.parametrize("suffix", FILES)
def test_one_file_without_the_other_changes_no_result(in_tmp, suffix):
    _run(range(300))
    _file(in_tmp, suffix=suffix).unlink()
    assert _run(range(300)) == list(range(300))
    assert _run(range(300)) == []


@pytest.mark.parametrize("suffix", FILES)
def test_a_file_of_text_changes_no_result(in_tmp, capsys, suffix):
    _file(in_tmp).parent.mkdir()
    _file(in_tmp, suffix=suffix).write_text("This is no cache, but it is long enough to be looked at. " * 100)
    assert _run(range(30)) == list(range(30))
    assert _run(range(30)) == [] and capsys.readouterr().err == ""


@pytest.mark.parametrize("suffix", FILES)
def test_a_folder_where_a_file_should_be_stops_nothing(in_tmp, capsys, suffix):
    _file(in_tmp, suffix=suffix).mkdir(parents=True)
    assert _run(range(30)) == list(range(30))
    message = capsys.readouterr().err
    assert message.startswith("cache: .cache/rows.values failed and will be rebuilt (") and message.count("\n") == 1
    assert message.endswith("): this run continues without it\n")


def test_a_disk_that_is_full_stops_nothing(in_tmp, monkeypatch, capsys):
    def fail(*_):
        raise OSError(28, "No space left on device")

    _run(range(30))
    with monkeypatch.context() as patched:
        patched.setattr(store_module, "_append", fail)
        assert _run(range(40)) == list(range(30, 40))
    assert capsys.readouterr().err.count("No space left on device") == 1
    assert _run(range(40)) == list(range(40))


def test_a_folder_that_cannot_be_made_stops_nothing(in_tmp, capsys):
    (in_tmp / ".cache").write_text("a file")
    assert _run(range(30)) == list(range(30))
    assert capsys.readouterr().err.count("this run continues without it") == 1
    assert (in_tmp / ".cache").read_text() == "a file"


@pytest.mark.parametrize("known", [0, 300])
def test_a_folder_deleted_in_the_middle_changes_no_result(in_tmp, monkeypatch, capsys, known):
    monkeypatch.setattr(store_module, "FLUSH_BYTES", 10_000)
    _run(range(known))
    keys = [_key(i) for i in range(600)]
    results = []
    for result in cached(Work(), range(600), keys, store="rows", title="t", compute=CACHE):
        results.append(result)
        if len(results) == 200:
            shutil.rmtree(in_tmp / ".cache")
    for item, one in enumerate(results):
        np.testing.assert_array_equal(one, Work()(item), strict=True)
    assert len(results) == 600 and capsys.readouterr().err.count("this run continues without it") == 1


def test_a_file_that_is_truncated_in_the_middle_changes_no_result(in_tmp):
    _run(range(600))
    keys = [_key(i) for i in range(600)]
    results = []
    for result in cached(Work(), range(600), keys, store="rows", title="t", compute=CACHE):
        results.append(result)
        if len(results) == 200:
            os.truncate(_file(in_tmp), 100_000)
    for item, one in enumerate(results):
        np.testing.assert_array_equal(one, Work()(item), strict=True)
    assert len(results) == 600


def test_two_processes_share_a_store(in_tmp):
    code = (
        "from tests.compute import test_cached_map as t, test_cached_map; t.store_module.FLUSH_BYTES = 50_000\n"
        "for _ in range(3): t._run(range(1500))\n"
        "print(len(t._run(range(1500))))"
    )
    env = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-c", code]
    both = [subprocess.Popen(command, env=env, stdout=-1, stderr=-1, text=True) for _ in range(2)]
    assert [process.communicate(timeout=120) for process in both] == [("0\n", "")] * 2


def test_the_stores_used_longest_ago_go_first(in_tmp):
    for store, day in (("a", 3), ("b", 1), ("c", 2)):
        _run(range(300), store=store)
        os.utime(_file(in_tmp, store), (day * 86400, day * 86400))
    size = _size(in_tmp, "a")
    limit = CACHE.model_copy(update={"cache_gb": 3.5 * size / 1e9})
    assert _run(range(300), store="c", compute=limit) == []
    assert _run(range(300), store="d", compute=limit) == list(range(300))
    assert sorted({path.stem for path in (in_tmp / ".cache").iterdir()}) == ["a", "c", "d"]


def test_a_store_that_would_be_larger_than_the_limit_keeps_what_has_room(in_tmp):
    limit = CACHE.model_copy(update={"cache_gb": 300e-6})  # 300 kB; 300 items have 720
    _run(range(300), compute=limit)
    assert 200_000 < _size(in_tmp) <= 300_000
    again = _run(range(300), compute=limit)
    assert 0 < len(again) < 250
    assert _size(in_tmp) <= 300_000


def test_an_experiment_uses_the_cache_of_its_repository(in_tmp, monkeypatch):
    _run(range(20))
    copy = in_tmp / ".dvc" / "tmp" / "exps" / "tmpabc"
    copy.mkdir(parents=True)
    monkeypatch.chdir(copy)
    assert _run(range(20)) == []
    assert not list(copy.iterdir())
