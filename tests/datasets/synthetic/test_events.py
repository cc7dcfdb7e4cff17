import numpy as np
import pandas as pd
import pytest
import soundfile

from sourcewise.datasets.rendering.room import SR
from sourcewise.datasets.synthetic import events
from tests.datasets.synthetic.twice import same_bytes_elsewhere

FEW = {"PLACES": 4, "SOUNDSCAPES": 6}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("events")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in FEW.items():
            patch.setattr(events, name, value)
        events.make(folder)
    return folder


@pytest.fixture(scope="module")
def table(made):
    return pd.read_csv(made / "events.csv")


def test_every_place_has_as_many_soundscapes_with_one_to_four_classes_each(made, table):
    assert list(table) == ["filename", "onset", "offset", "event_label", "source"]
    assert sorted(set(table["filename"])) == sorted(p.relative_to(made).as_posix() for p in made.rglob("*.wav"))
    assert set(table.groupby("source")["filename"].nunique()) == {6} and table["source"].nunique() == 4
    labels = table.groupby("filename")["event_label"]
    assert set(labels.size()) == {1, 2, 3, 4} and (labels.size() == labels.nunique()).all()
    assert set(table["event_label"]) <= set(events.SOUNDS) and len(events.SOUNDS) == 10
    assert (table["onset"] >= 0).all() and (table["offset"] <= events.SECONDS).all()
    assert (table["filename"].str.split("/").str[0] == table["source"]).all()
    for path in made.rglob("*.wav"):
        y, sr = soundfile.read(path)
        assert (sr, len(y)) == (SR, events.SECONDS * SR) and np.abs(y).max() < 0.99


def test_sounds_are_where_the_table_says_and_nowhere_else(made, table):
    for filename, rows in table.groupby("filename"):
        power = soundfile.read(made / filename)[0] ** 2
        inside = np.zeros(len(power), bool)
        for row in rows.itertuples():
            inside[round(row.onset * SR) : round(row.offset * SR) + 128] = True  # the microphone's filter is 8 ms late
        if inside.mean() > 0.9:
            continue
        background = np.mean(power[~inside])
        for row in rows.itertuples():
            loud = np.mean(power[round(row.onset * SR) : round(row.offset * SR)])
            assert 10 * np.log10(loud / background) > 6, (filename, row)
        quiet = np.convolve(np.where(inside, 0, power), np.full(800, 1 / 800), "same")
        assert quiet.max() < 4 * background, filename  # no 50 ms outside stand out by 6 dB


@pytest.mark.parametrize("label", list(events.SOUNDS))
def test_a_sound_is_short_and_without_dc_offset_once_mixed(label):
    y = events.SOUNDS[label](0.5, 0.5, 0.5, np.random.default_rng(0))
    assert 0.1 <= len(y) / SR <= 1.2 and np.isfinite(y).all() and y.std() > 0


def test_two_places_have_variants_of_their_own():
    one, other = events.Place("place01"), events.Place("place02")
    assert np.abs(one._variants - other._variants).max() > 0.2
    assert np.argmax(one._shares) != np.argmax(other._shares)


def test_the_same_bytes_in_another_process_on_another_kind_of_processor(made, tmp_path):
    same_bytes_elsewhere("events", FEW, made, tmp_path)
