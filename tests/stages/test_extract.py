import os
import signal

import numpy as np
import pandas as pd
import pytest

from sourcewise.audio.spectral import log_mel, magnitude, mfcc
from sourcewise.audio.tabular import COLUMNS, describe
from sourcewise.core import params
from sourcewise.core.paths import FEATURES
from sourcewise.datasets import augment as augmentation
from sourcewise.datasets import clips, manifest, storing
from sourcewise.datasets.folds import Split
from sourcewise.datasets.modalities import sound
from sourcewise.extraction import extract as extraction
from sourcewise.storage import shards
from sourcewise.storage.files import Ragged
from stages import augment, duplicates, extract, ingest, split
from tests.compute.test_dask_cluster import Started
from tests.conftest import REPOSITORY, change_params, tone, write_wav

NAMES = sorted(params.read_yaml(REPOSITORY / "params.yaml")["features"])


def _bytes():
    """The content of every file that extraction wrote."""
    return {str(path): path.read_bytes() for path in sorted(FEATURES.rglob("*")) if path.is_file()}


def _extract_all():
    augment.main()
    for name in NAMES:
        extract.main(name)
    return _bytes()


@pytest.fixture
def computed(monkeypatch):
    """The names of the kinds of which a clip was computed, one entry a clip."""
    calls = []
    work = extraction._features

    def counted(function, *arguments):
        calls.append(function.__module__.rsplit(".", 1)[1])
        return work(function, *arguments)

    monkeypatch.setattr(extraction, "_features", counted)
    return calls


def test_each_kind_holds_every_clip_in_order_and_then_the_copies(small):
    small(features__wave__sr=4000)
    _extract_all()
    table = clips.table()
    waves = [wave.astype(np.float32) / 32768 for wave in clips.waves(table)]
    assert (table["origin"] != "").sum() == 12 and len(table) == 36
    frames = {"sr": 8000, "n_fft": 512, "hop_length": 160, "n_mels": 40}
    expected = {
        "mel": lambda y: log_mel(y, **frames),
        "mfcc": lambda y: mfcc(y, n_mfcc=39, top_db=80, **frames),
        "stft": lambda y: magnitude(y, n_fft=1024, hop_length=512),
    }
    for name, function in expected.items():
        stored = Ragged.open(FEATURES / name)
        assert stored[0].dtype == np.float32
        for result, y in zip(stored, waves, strict=True):
            assert np.array_equal(result, function(y)), name
    for result, y in zip(Ragged.open(FEATURES / "wave"), waves, strict=True):
        assert result.dtype == np.int16 and len(result) == pytest.approx(len(y) / 2, abs=1)


def test_the_table_reads_like_the_published_one(small):
    small(augment__recipes={})
    _extract_all()
    table = pd.read_csv(FEATURES / "table/table.csv")
    assert table.columns.tolist() == ["filename", *COLUMNS, "label"]
    rows = manifest.read()
    assert table["filename"].tolist() == rows["path"].tolist()
    assert table["label"].tolist() == rows["labels"].tolist()
    assert table["length"].dtype == np.int64
    y = clips.waves(rows)[7].astype(np.float32) / 32768
    assert table.loc[7, COLUMNS].tolist() == describe(y, sr=8000, n_fft=1024, hop_length=256).tolist()


def test_any_name_can_stand_in_the_table(small):
    folder = small(augment__recipes={})
    raw = folder / "data/raw/small/low"
    names = ['c0, "loud".wav', "d0\nlow\r.wav", "e0 ä'.wav"]
    for name in names:
        (raw / f"{name[:2]}.wav").rename(raw / name)
    ingest.main()
    duplicates.main()
    split.main()
    _extract_all()
    table = pd.read_csv(FEATURES / "table/table.csv", lineterminator="\n")
    assert table["filename"].tolist() == manifest.read()["path"].tolist()
    assert {f"low/{name}" for name in names} < set(table["filename"])


def test_segments_are_named_in_the_table(small):
    small(audio__segment_s=0.25, ingest__min_s=0.05)
    augment.main()
    extract.main("table")
    table, rows = pd.read_csv(FEATURES / "table/table.csv"), clips.table()
    assert table["filename"].tolist() == rows["clip_id"].tolist()
    assert table["filename"].is_unique


def test_the_waves_at_their_own_rate_are_the_clips(small):
    small(features__wave__sr=8000)
    augment.main()
    extract.main("wave")
    for result, clip in zip(Ragged.open(FEATURES / "wave"), clips.waves(clips.table()), strict=True):
        assert np.array_equal(result, clip)


def _image_of(path):
    """The image of one recording, as the stage wrote it."""
    paths = clips.table()["path"].tolist()
    return Ragged.open(FEATURES / "png")[paths.index(path)].copy()


def test_the_image_of_a_clip_does_not_depend_on_other_clips_nor_on_its_part(small):
    folder = small(augment__recipes={}, compute__cache_gb=0)
    augment.main()
    extract.main("png")
    quiet = "high/a0.wav"
    before = _image_of(quiet)
    for label in ("high", "low"):
        raw = folder / "data/raw/small" / label
        for source in "ghi":  # louder than all others
            write_wav(raw / f"{source}0.wav", tone(700 + ord(source), seconds=0.6, sr=8000, peak=0.99), 8000)
        (raw / "b0.wav").unlink()
    parts = set()
    for seed in range(5):
        change_params(folder, {"split.seed": seed})
        for stage in (ingest, duplicates, split, augment):
            stage.main()
        extract.main("png")
        after = _image_of(quiet)
        assert np.array_equal(before, after)
        rows = Split.read().of_fold(0).set_index("path")
        parts.add(rows["split"][quiet])
    assert len(parts) > 1
    files = {"colours.npy", "config.json", "digest.txt", "offsets.npy", "shards", "shards.json"}
    assert {path.name for path in (FEATURES / "png").iterdir()} == files  # nothing that was fitted


def test_a_second_run_computes_nothing(small, computed):
    small()
    first = _extract_all()
    assert sorted(set(computed)) == NAMES
    assert computed.count("mel") == clips.table()["hash"].nunique()  # a copy may have drawn no effect at all
    computed.clear()
    assert _extract_all() == first
    assert computed == []


def test_another_split_computes_no_clip_and_no_copy_that_is_in_the_cache(small, computed, monkeypatch):
    augmented, work = [], augmentation._augmented
    monkeypatch.setattr(
        augmentation, "_augmented", lambda *arguments: augmented.append(arguments[-1].copy_id) or work(*arguments)
    )

    def again(folder, **split_params):
        augmented.clear(), computed.clear()
        change_params(folder, {f"split.{key}": value for key, value in split_params.items()})
        split.main()
        return _extract_all()

    folder = small()  # the recipes make one copy of each clip that trains
    of_hold_out = again(folder)
    known = clips.table()
    of_folds = again(folder, folds=3)
    table = clips.table()
    assert (len(known), len(table)) == (36, 48)
    assert len(augmented) == 12 and not set(augmented) & set(known["clip_id"])  # of those that did not train before
    new = set(table["hash"]) - set(known["hash"])
    assert {name: computed.count(name) for name in NAMES} == dict.fromkeys(NAMES, len(new)) and 0 < len(new) <= 12
    for folds, seed in ((3, 1), (4, 0), ("all", 2)):
        assert again(folder, folds=folds, seed=seed) == of_folds  # every clip trains in some fold
        assert augmented == [] and computed == []
    assert again(folder, folds=None, seed=0) == of_hold_out
    assert augmented == [] and computed == []
    again(folder, seed=3)
    assert set(clips.table()["clip_id"]) != set(known["clip_id"]) and augmented == [] and computed == []


def _shards(name="*"):
    """What tells whether a file of clips is the same one."""
    paths = sorted(FEATURES.glob(f"{name}/shards/*"))
    return {(path, path.stat().st_ino, path.stat().st_mtime_ns) for path in paths}


def test_one_new_clip_costs_one_clip_and_one_file(small, computed, monkeypatch):
    monkeypatch.setattr(shards, "CLIPS", 4)
    fractions = {"train": 0.5, "validation": 0.2, "test": 0.3}  # with the new clip, too, 3, 1 and 2 of the sources
    folder = small(augment__recipes={}, split__fractions=fractions)
    _extract_all()
    computed.clear()
    before_files = _shards()
    write_wav(folder / "data/raw/small/low/a9.wav", tone(333, seconds=0.6, sr=8000), 8000)
    ingest.main()
    duplicates.main()
    split.main()
    result = _extract_all()
    assert sorted(computed) == NAMES
    for name in set(NAMES) - {"table"}:
        assert len(_shards(name) - before_files) == 1, name
    (folder / ".cache").rename(folder / "elsewhere")
    assert _extract_all() == result


def test_a_clip_that_is_removed_or_relabelled_costs_nothing(small, computed):
    folder = small(augment__recipes={})
    _extract_all()
    computed.clear()
    raw = folder / "data/raw/small"
    (raw / "low/a1.wav").unlink()
    (raw / "low/b1.wav").rename(raw / "high/b9.wav")
    ingest.main()
    duplicates.main()
    split.main()
    result = _extract_all()
    assert computed == []
    (folder / ".cache").rename(folder / "elsewhere")
    assert _extract_all() == result


def test_a_recording_that_changes_is_decoded_anew_and_others_are_not(small, monkeypatch):
    folder = small(augment__recipes={})
    paths = sorted((folder / "data/raw/small").rglob("*.wav"))
    for path in paths:
        os.utime(path, (1e9, 1e9))
    monkeypatch.setattr(sound.time, "time_ns", lambda: int(4e18))  # long after: no file is fresh
    ingest.main()
    decoded = []
    work = storing.decoded

    def counted(root, item, **options):
        decoded.append(item.recording.path)
        return work(root, item, **options)

    monkeypatch.setattr(storing, "decoded", counted)
    before = manifest.read()
    ingest.main()
    assert decoded == []
    write_wav(paths[3], tone(555, seconds=0.6, sr=8000), 8000)
    os.utime(paths[3], (1e9, 1e9))  # the same size, the same time of change: only its inode's time tells
    ingest.main()
    assert decoded == [str(paths[3].relative_to(folder / "data/raw/small"))]
    after = manifest.read()
    assert (before["hash"] != after["hash"]).sum() == 1


def test_another_number_of_coefficients_leaves_the_other_kinds_alone(small):
    folder = small()
    before = _extract_all()
    change_params(folder, {"features.mfcc.n_mfcc": 13})
    extract.main("mfcc")
    after = _bytes()
    changed = {name for name in before if before[name] != after[name]}
    others = {"data/features/mfcc/config.json", "data/features/mfcc/digest.txt"}
    assert changed == others | {*map(str, FEATURES.glob("mfcc/shards/*"))}
    assert Ragged.open(FEATURES / "mfcc")[0].shape[1] == 13


def test_threads_and_cache_change_no_byte(small):
    folder = small()
    first = _extract_all()
    for workers, cache_gb in ((1, 0), (3, 10)):
        change_params(folder, {"compute.workers": workers, "compute.cache_gb": cache_gb})
        assert _extract_all() == first


@pytest.mark.skipif(os.name == "nt", reason="ends a worker by a signal")
def test_two_workers_of_a_scheduler_change_no_byte_nor_does_one_that_dies(small, tmp_path_factory):
    folder = small()
    first = _extract_all()
    # two threads for BLAS, as on a worker that another package has set up: nothing may depend on it
    started = Started(tmp_path_factory.mktemp("dask"), OPENBLAS_NUM_THREADS="2")
    try:
        workers = started.worker(), started.worker()
        started.wait_for_workers(2)
        compute = {"compute.backend": "dask", "compute.address": started.address, "compute.cache_gb": 0}
        change_params(folder, compute)
        augment.main()
        for name in NAMES[:3]:
            extract.main(name)
        os.kill(workers[0].pid, signal.SIGKILL)
        for name in NAMES[3:]:
            extract.main(name)
        assert _bytes() == first
    finally:
        started.end()
