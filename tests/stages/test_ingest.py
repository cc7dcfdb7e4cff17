import hashlib
import unicodedata

import numpy as np
import pandas as pd
import pytest

from sourcewise.core.errors import Stop
from sourcewise.core.paths import LEFT_OUT, REJECTED, REMARKS
from sourcewise.datasets import manifest
from sourcewise.datasets.clips import waves
from sourcewise.storage.files import Ragged
from stages import ingest
from tests.conftest import tone, write_wav

WHOLE = "segment_s: null, hop_s: null, pad: repeat"
PARAMS = (
    "dataset: own\naudio: {{sr: 16000, {}}}\ningest: {{min_s: 0.1, max_rejected: {}, keep_copies: {}}}\n"
    "compute: {{backend: threads, workers: null, address: null, cache_gb: 1}}\n"
)
DATASET_FILE = "title: t\nlicence: l\nreader: folder\nlabel: parent\nsource: {pattern: '([a-z]+)[^/]*$'}\n"


def _corpus(root, max_rejected=0.0, clips=WHOLE, keep_copies="false"):
    (root / "params.yaml").write_text(PARAMS.format(clips, max_rejected, keep_copies))
    (root / "data/datasets/own.yaml").write_text(DATASET_FILE)
    raw = root / "data/raw/own"
    write_wav(raw / "dogs/rex1.wav", tone(300, seconds=0.5))
    write_wav(raw / "dogs/rex2.flac", tone(310, seconds=0.25, sr=44_100), 44_100)
    write_wav(raw / "cats/tom 1.wav", tone(400, seconds=0.5))
    return raw


def test_clips_manifest_and_labels(in_tmp, capsys):
    _corpus(in_tmp)
    ingest.main()
    table = manifest.read()
    assert table.columns.tolist() == manifest.COLUMNS
    assert table["path"].tolist() == ["cats/tom 1.wav", "dogs/rex1.wav", "dogs/rex2.flac"]
    assert table["labels"].tolist() == ["cats", "dogs", "dogs"]
    assert table["source"].tolist() == ["tom", "rex", "rex"]
    assert table["n_samples"].tolist() == [8000, 8000, 4000]
    assert table["duration_s"].tolist() == [0.5, 0.5, 0.25]
    assert table["sr_original"].tolist() == [16_000, 16_000, 44_100]
    assert table["start"].tolist() == [0, 8000, 16_000]
    assert table["parent"].tolist() == table["clip_id"].tolist()
    clips = waves(table)
    assert [len(clip) for clip in clips] == [8000, 8000, 4000]
    assert np.allclose(clips[0] / 32768, tone(400, seconds=0.5), atol=1 / 32768)
    assert "3 clips of 2 sources in 2 classes" in capsys.readouterr().out


def test_the_hash_is_that_of_the_samples(in_tmp):
    raw = _corpus(in_tmp)
    write_wav(raw / "dogs/tom 2.wav", tone(400, seconds=0.5))
    ingest.main()
    table = manifest.read().set_index("path")
    written = (raw / "cats/tom 1.wav").read_bytes()[44:]
    assert table["hash"]["cats/tom 1.wav"] == hashlib.blake2b(written, digest_size=16).hexdigest()
    assert table["hash"]["cats/tom 1.wav"] == table["hash"]["dogs/tom 2.wav"] != table["hash"]["dogs/rex1.wav"]
    assert set(table["hash"].str.len()) == {32}


@pytest.fixture
def ramps(in_tmp):
    """A function that ingests recordings of 1, 2, 3, ... up to each number of samples of 1 ms, cut as given."""

    def _ingest(clips, **lengths):
        (in_tmp / "params.yaml").write_text(PARAMS.format(clips, 0, "false").replace("16000", "1000"))
        (in_tmp / "data/datasets/own.yaml").write_text(DATASET_FILE)
        for name, n in lengths.items():
            for label in ("a", "b"):
                write_wav(in_tmp / f"data/raw/own/{label}/{name}.wav", np.arange(1, n + 1, dtype=np.int16), 1000)
        ingest.main()
        table = manifest.read()
        rows = table[table["labels"] == "a"]
        return rows, waves(rows)

    return _ingest


def test_recordings_are_cut(ramps, capsys):
    rows, clips = ramps("segment_s: 2, hop_s: null, pad: zeros", tom=5000)
    assert rows["clip_id"].tolist() == [f"{manifest.clip_id('a/tom.wav')}-0000{k}" for k in range(3)]
    assert rows["parent"].tolist() == [manifest.clip_id("a/tom.wav")] * 3
    assert rows["path"].tolist() == ["a/tom.wav"] * 3
    assert (rows["source"] == "tom").all()
    assert rows["start"].tolist() == [0, 2000, 4000]
    assert rows["duration_s"].tolist() == [2, 2, 2]
    assert clips[1].tolist() == list(range(2001, 4001))
    assert clips[2].tolist() == [*range(4001, 5001), *[0] * 1000]
    assert "6 clips of 1 source in 2 classes" in capsys.readouterr().out


def test_segments_that_overlap_share_their_samples(ramps):
    rows, clips = ramps("segment_s: 2, hop_s: 0.5, pad: zeros", tom=3000, rex=1000)
    tom, rex = rows[rows["source"] == "tom"], rows[rows["source"] == "rex"]
    assert (tom["start"] - tom["start"].min()).tolist() == [0, 500, 1000]
    assert (len(tom), len(rex)) == (3, 1)
    stored = Ragged.open("data/clips")
    assert sorted(len(recording) for recording in stored) == [2000, 2000, 3000, 3000]
    first = rows.index.get_loc(tom.index[0])
    assert [clips[first + k][0] for k in range(3)] == [1, 501, 1001]
    assert np.shares_memory(clips[first], clips[first + 1])


def test_segments_shorter_than_min_s_are_left_out_and_not_rejected(ramps):
    rows, _ = ramps("segment_s: 1, hop_s: null, pad: repeat", tom=2099, rex=2100)
    assert rows["source"].value_counts().to_dict() == {"tom": 2, "rex": 3}
    assert len(pd.read_csv("data/rejected.csv")) == 0


def test_the_manifest_is_sorted_by_clip_id_also_beyond_five_digits(ramps, monkeypatch):
    monkeypatch.setattr(manifest, "segment_id", lambda parent, k: f"{parent}-{k + 9:01d}")
    rows, clips = ramps("segment_s: 1, hop_s: null, pad: repeat", tom=3000)
    assert rows["clip_id"].is_monotonic_increasing
    assert [clip[0] for clip in clips] == [1001, 2001, 1]


def test_the_path_of_the_dataset_changes_nothing(in_tmp, tmp_path_factory):
    raw = _corpus(in_tmp)
    ingest.main()
    first = {name: (in_tmp / "data" / name).read_bytes() for name in ("manifest.csv", "clips/values.npy")}
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "own"
    raw.rename(elsewhere)
    raw.symlink_to(elsewhere)
    ingest.main()
    assert first == {name: (in_tmp / "data" / name).read_bytes() for name in first}


def test_too_many_rejected_stop_the_run(in_tmp):
    raw = _corpus(in_tmp, max_rejected=0.5)
    for k in range(8):
        (raw / f"dogs/rex-{k}.wav").write_text("text")
    with pytest.raises(
        Stop, match=r"8 of 11 files \(72.7%\) were rejected, ingest.max_rejected allows 50.0%.*First: 'dogs/rex-0"
    ):
        ingest.main()


def _left_out():
    """The rows of data/copies.csv; where each recording of the manifest begins in data/clips."""
    table = manifest.read()
    return manifest.read(LEFT_OUT).to_numpy().tolist(), dict(zip(table["path"], table["start"], strict=True))


def test_exact_copies_of_a_source_and_a_label_are_kept_once(in_tmp, capsys):
    raw = _corpus(in_tmp)
    samples = np.round(tone(300, seconds=0.5) * 32768).astype(np.int16)
    for name in ("rex1.wav", "rex7.wav", "old/rex8.flac"):  # the samples count, not the bytes of the file
        write_wav(raw / "dogs" / name, samples)
    samples[4000] += 1
    write_wav(raw / "dogs/rex9.wav", samples)
    (in_tmp / "data/datasets/own.yaml").write_text(DATASET_FILE.replace("parent", "{pattern: '^([a-z]+)'}"))
    ingest.main()
    starts = {"cats/tom 1.wav": 0, "dogs/old/rex8.flac": 8000, "dogs/rex2.flac": 16_000, "dogs/rex9.wav": 20_000}
    copies = [["dogs/rex1.wav", "dogs/old/rex8.flac"], ["dogs/rex7.wav", "dogs/old/rex8.flac"]]
    assert _left_out() == (copies, starts)
    assert len(Ragged.open("data/clips")) == 4 and len(manifest.read(REJECTED)) == 0  # max_rejected is 0
    printed = capsys.readouterr().out
    assert "4 clips of 2 sources in 2 classes" in printed
    assert "0 rejected (data/rejected.csv); 2 exact copies left out (data/copies.csv)" in printed

    (raw / "dogs/rex7.wav").unlink()
    ingest.main()
    assert _left_out() == (copies[:1], starts)
    assert "1 exact copy left out" in capsys.readouterr().out


def test_exact_copies_are_kept_where_params_say_so(in_tmp, capsys):
    raw = _corpus(in_tmp, keep_copies="true")
    write_wav(raw / "dogs/rex7.wav", tone(300, seconds=0.5))
    ingest.main()
    starts = {"cats/tom 1.wav": 0, "dogs/rex1.wav": 8000, "dogs/rex2.flac": 16_000, "dogs/rex7.wav": 20_000}
    assert _left_out() == ([], starts)
    assert LEFT_OUT.read_text() == "path,copy_of\n"
    assert "left out" not in capsys.readouterr().out


def test_copies_with_another_label_source_or_part_stay(in_tmp):
    raw = _corpus(in_tmp)
    rule = "split: {pattern: '([0-9])[.][a-z]+$', table: {'1': train, '2': train, '3': test}}\n"
    (in_tmp / "data/datasets/own.yaml").write_text(DATASET_FILE + rule)
    for name in ("cats/rex 1", "dogs/tom2", "dogs/rex3"):
        write_wav(raw / f"{name}.wav", tone(300, seconds=0.5))  # as dogs/rex1
    ingest.main()
    copies, starts = _left_out()
    assert copies == [] and {"cats/rex 1.wav", "dogs/rex1.wav", "dogs/tom2.wav", "dogs/rex3.wav"} < set(starts)
    assert manifest.read()["hash"].value_counts().iloc[0] == 4


def test_recordings_that_share_some_segments_stay_and_copies_are_left_out_whole(ramps):
    rows, _ = ramps("segment_s: 2, hop_s: null, pad: zeros", rex1=5000, rex2=4000, rex3=5000)
    assert rows["path"].tolist() == ["a/rex1.wav"] * 3 + ["a/rex2.wav"] * 2
    assert manifest.read(LEFT_OUT).to_numpy().tolist() == [["a/rex3.wav", "a/rex1.wav"], ["b/rex3.wav", "b/rex1.wav"]]


def test_a_class_whose_files_are_all_rejected_stops_the_run(in_tmp):
    raw = _corpus(in_tmp, max_rejected=0.9)
    (raw / "snakes").mkdir()
    (raw / "snakes/kaa1.wav").write_text("text")
    with pytest.raises(Stop, match="every file of class 'snakes' was rejected, see data/rejected.csv"):
        ingest.main()


def test_a_source_whose_files_are_all_rejected_is_reported(in_tmp, capsys):
    raw = _corpus(in_tmp, max_rejected=0.9)
    (raw / "dogs/kaa1.wav").write_text("text")
    ingest.main()
    assert "every file of 1 source was rejected: 'kaa'" in capsys.readouterr().out


def test_accents_written_in_two_ways_are_one_source(in_tmp):
    raw = _corpus(in_tmp)
    for k, form in enumerate(("NFC", "NFD")):
        write_wav(raw / "dogs" / unicodedata.normalize(form, f"{k}-rené.wav"), tone(300 + k))
    content = (in_tmp / "data/datasets/own.yaml").read_text().replace("([a-z]+)[^/]*$", "-?([^-/0-9]+)[0-9]*[.][a-z]+$")
    (in_tmp / "data/datasets/own.yaml").write_text(content)
    ingest.main()
    assert sorted(set(manifest.read()["source"])) == ["rené", "rex", "tom"]


def test_paths_that_differ_only_in_their_accents_are_refused(in_tmp):
    raw = _corpus(in_tmp)
    for form in ("NFC", "NFD"):
        write_wav(raw / "dogs" / unicodedata.normalize(form, "xé.wav"), tone(300))
    with pytest.raises(Stop, match="differ only in how their accents are written"):
        ingest.main()


def test_real_recordings_come_back_sample_by_sample(in_tmp, fsdd):
    (in_tmp / "params.yaml").write_text(PARAMS.format(WHOLE, 0, "false").replace("16000", "8000"))
    rules = "label: {pattern: '^(.)_'}\nsource: {pattern: '^._([a-z]+)_'}\n"
    (in_tmp / "data/datasets/own.yaml").write_text("title: t\nlicence: l\nreader: folder\n" + rules)
    (in_tmp / "data/raw").mkdir()
    (in_tmp / "data/raw/own").symlink_to(fsdd)
    ingest.main()
    table, clips = manifest.read(), Ragged.open("data/clips")
    assert (len(table), table["source"].nunique(), table["labels"].nunique()) == (3000, 6, 10)
    assert table["clip_id"].is_monotonic_increasing
    row = table[table["path"] == "7_jackson_32.wav"].index[0]
    wav = (fsdd / "7_jackson_32.wav").read_bytes()
    assert wav.endswith(clips[row].tobytes())  # the samples are the file's own


def test_a_corpus_without_onsets_has_no_events(in_tmp):
    _corpus(in_tmp)
    ingest.main()
    assert (in_tmp / "data/events.csv").read_text() == "clip_id,onset_s,offset_s,label\n"


def test_what_is_not_read_as_it_is_is_remarked(in_tmp, capsys):
    raw, y = _corpus(in_tmp), tone(330)
    write_wav(raw / "dogs/rex3.wav", np.stack([y, -y], axis=1))
    write_wav(raw / "dogs/rex4.wav", 4 * np.stack([y, np.zeros(8000)], axis=1), subtype="FLOAT")
    ingest.main()
    cancel, silent = "channels that cancel each other: only the loudest was read", "a silent channel: it was left out"
    clipped = "values beyond full scale: they were clipped"
    assert manifest.read(REMARKS).to_numpy().tolist() == [
        ["dogs/rex3.wav", cancel],
        ["dogs/rex4.wav", silent],
        ["dogs/rex4.wav", clipped],
    ]
    warning = f"WARNING: 1 recording with {cancel} (first: 'dogs/rex3.wav'; all: data/remarks.csv)"
    assert warning in capsys.readouterr().err
    assert (len(manifest.read()), len(manifest.read(REJECTED))) == (5, 0)
