"""`mix` in a dataset file: soundscapes of another dataset's recordings, fetched and read as a dataset of their own."""

import numpy as np
import pandas as pd
import pytest
import soundfile

from sourcewise.core.errors import Stop
from sourcewise.datasets import dataset_file, mixing
from sourcewise.storage.archives import checksum
from stages import fetch
from tests.conftest import tone, write_wav

SR = 8000
HZ = {"low": 300, "mid": 900, "top": 2500}
OF = "title: t\nlicence: l\nreader: folder\nlabel: parent\nsource: {pattern: '/([a-z]+)'}\n"
MIXED = (
    "title: t\nlicence: l\nreader: eventlist\nfile: events.csv\n"
    "columns: {path: filename, onset: onset, offset: offset, label: event_label, source: source}\n"
    "mix: {of: tones, at_once: [%s], seconds: 1, sr: 8000, soundscapes: 20, merge: %d, seed: 0}\n"
)


@pytest.fixture
def tones(in_tmp):
    """Recordings of three tones by four people, each at its own level, and the dataset file that mixes them."""
    (in_tmp / "params.yaml").write_text("dataset: both\naugment: {background: null}\n")
    for label, hz in HZ.items():
        for k, person in enumerate(("ann", "bea", "cid", "dan")):
            for take in range(2):
                y = tone(hz, seconds=0.25, sr=SR, peak=0.1 * (k + 1))
                write_wav(in_tmp / f"data/raw/tones/{label}/{person}{take}.wav", y, SR)
    (in_tmp / "data/datasets/tones.yaml").write_text(OF)

    def fetched(at_once="2, 2", merge=1):
        (in_tmp / "data/datasets/both.yaml").write_text(MIXED % (at_once, merge))
        fetch.main()
        return pd.read_csv(in_tmp / "data/raw/both/events.csv"), dataset_file.read("both")

    return fetched


def _levels(y):
    """The amplitude of each tone in a wave."""
    t = np.arange(len(y)) / SR
    return {label: 2 * np.abs(np.mean(y * np.exp(-2j * np.pi * hz * t))) for label, hz in HZ.items()}


def test_mixed_recordings_are_where_the_table_says_and_of_one_person(tones, in_tmp):
    table, _ = tones()
    assert len(table) == 4 * 20 * 2 and set(table.groupby("filename").size()) == {2}
    peak = {"ann": 0.1, "bea": 0.2, "cid": 0.3, "dan": 0.4}
    for row in table.itertuples():
        y, sr = soundfile.read(in_tmp / "data/raw/both" / row.filename)
        assert (sr, len(y)) == (SR, SR)
        assert row.offset - row.onset == pytest.approx(0.25)
        levels = _levels(y[round(row.onset * SR) : round(row.offset * SR)])
        assert levels[row.event_label] == pytest.approx(peak[row.source], rel=0.05)
        outside = _levels(np.delete(y, np.arange(round(row.onset * SR), round(row.offset * SR))))
        assert outside[row.event_label] < 0.02


def test_the_labels_of_a_soundscape_are_those_of_its_events(tones):
    table, recordings = tones()
    expected = table.groupby("filename")["event_label"].agg(lambda names: "|".join(sorted(names))).to_dict()
    assert {recording.path: recording.labels for recording in recordings} == expected
    assert {recording.source for recording in recordings} == {"ann", "bea", "cid", "dan"}


def test_as_many_at_once_as_the_dataset_file_allows(tones):
    table, _ = tones("1, 3")
    assert set(table.groupby("filename").size()) == {1, 2, 3}


def test_people_with_one_class_each_can_be_merged(tones, in_tmp):
    for label, people in (("low", "bd"), ("mid", "ac"), ("top", "abcd")):  # ann, cid: low; bea, dan: mid; no top
        for path in (in_tmp / "data/raw/tones" / label).glob("*.wav"):
            if path.name[0] in people:
                path.unlink()
    with pytest.raises(Stop, match=r"source 'ann' of 'tones' has 1 class \(low\): lower it, or raise merge \(now 1\)"):
        tones()
    table, _ = tones(merge=2)
    assert table["source"].nunique() == 2 and set(table["event_label"]) == {"low", "mid"}
    assert not set.intersection(*(set(name.split("+")) for name in table["source"].unique()))


def test_a_second_time_gives_the_same_bytes(tones, in_tmp, tmp_path_factory):
    tones()
    made, again = in_tmp / "data/raw/both", tmp_path_factory.mktemp("again")
    recordings = list(reversed(dataset_file.read("tones")))
    mixing.make(again, in_tmp / "data/raw/tones", recordings, dataset_file.load("both").mix)
    assert checksum(again) == checksum(made)


def test_only_what_has_one_label_can_be_mixed(tones, in_tmp):
    tones()
    folder = in_tmp / "data/datasets"
    (in_tmp / "params.yaml").write_text("dataset: again\naugment: {background: null}\n")
    (folder / "again.yaml").write_text((folder / "both.yaml").read_text().replace("of: tones", "of: both"))
    with pytest.raises(Stop, match="of is 'both', which is itself a mixture"):
        fetch.main()
    listed = (folder / "both.yaml").read_text().split("mix:")[0]
    (folder / "both.yaml").write_text(listed)
    with pytest.raises(Stop, match="'both' has recordings with several labels"):
        fetch.main()


def test_spoken_digits_can_be_mixed(tones, in_tmp, fsdd):
    recordings = [
        dataset_file.Recording(f"{d}_{who}_0.wav", str(d), who) for d in range(10) for who in ("theo", "lucas")
    ]
    p = dataset_file.Mix(of="fsdd", at_once=[2, 2], seconds=1.5, sr=SR, soundscapes=5, merge=1, seed=0)
    (in_tmp / "digits").mkdir()
    mixing.make(in_tmp / "digits", fsdd, recordings, p)
    table = pd.read_csv(in_tmp / "digits/events.csv", dtype={"event_label": str})
    assert len(table) == 2 * 5 * 2 and set(table["source"]) == {"theo", "lucas"}
