"""What a network recognises, by class and by clip."""

import numpy as np

from sourcewise.report import audioset

LINES = ["283:0.9 282:0.5", "283:0.7 282:0.5", "0:0.95", "69:0.9 70:0.8", "69:0.8 70:0.9"]
Y = np.array([[True, False]] * 3 + [[False, True]] * 2)  # rain, dog; the third clip of rain is speech
SOURCES = np.array(["a", "b", "c", "d", "e"])


def test_each_class_has_the_names_of_what_it_sounds_like():
    table = audioset.scores(LINES)
    assert table.shape == (5, 521) and table[0, 283] == 0.9 and table.sum().round(9) == 6.95
    rain, dog = audioset.by_class(table, Y, ["rain", "dog"])
    assert rain == ("rain", "Rain 0.53, Water 0.33, Speech 0.32")
    assert dog == ("dog", "Dog 0.85, Bark 0.85")


def test_the_rain_that_is_speech_stands_out_and_a_source_does_not_vouch_for_itself():
    table = audioset.scores(LINES)
    rows, values = audioset.standing_out(table, Y, SOURCES, 2)
    assert rows[0] == 2 and values.round(3).tolist() == [0, 0.667]
    of_one_source = np.array(["c", "b", "c", "d", "d"])
    assert np.isnan(audioset.similarity(table, Y, of_one_source)[3:]).all()
    assert audioset.similarity(table, Y, of_one_source)[2] == 0
