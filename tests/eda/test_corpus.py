import json

import numpy as np
import pandas as pd
import pytest

from sourcewise.eda import choice, corpus

GROUPS = {"<b>one</b> & two": np.arange(0, 5), "1": np.arange(5, 10)}
SHOWN = ["&lt;b&gt;one&lt;/b&gt; &amp; two", "1"]


def test_boxes_hold_quartiles_and_extremes():
    seconds = np.array([1.0, 2, 3, 4, 5, 10, 10, 10, 10, 30])
    figure = corpus.durations(seconds, GROUPS)
    (boxes,) = figure.data
    assert {key: boxes[key] for key in ("lowerfence", "q1", "median", "q3", "upperfence")} == {
        **{"lowerfence": [1, 10], "q1": [2, 10], "median": [3, 10], "q3": [4, 10], "upperfence": [5, 30]}
    }
    assert figure.layout["yaxis"]["ticktext"] == SHOWN
    assert figure.text.startswith("Clips last 1.00 to 30.00 s. The median by class ranges from 3.00 s (<b>one")


def test_histograms_are_shares_of_each_class_in_decibels_and_crossings_a_second():
    rms = np.array([0.1] * 5 + [0.01] * 5)
    figure = corpus.levels(rms, GROUPS)
    assert figure.layout["yaxis"]["ticktext"] == SHOWN
    for trace, line, db in zip(figure.data, figure.layout["yaxis"]["tickvals"], (-20, -40), strict=True):
        assert trace["base"] == line and sum(trace["customdata"]) == 100
        where = trace["x0"] + trace["dx"] * np.argmax(trace["y"])
        assert where == pytest.approx(db, abs=trace["dx"] / 2 + 1e-6)
    assert "-40.0 dB (1) to -20.0 dB" in figure.text
    assert (
        "110 per second (1) to 880 per second"
        in corpus.crossings(np.array([0.055] * 5 + [0.006875] * 5), GROUPS, sr=16_000).text
    )
    corpus.levels(np.zeros(10), GROUPS)  # silence, all of it


def test_correlations_of_columns_that_are_known():
    x = np.random.default_rng(0).normal(size=(500, 2))
    x = np.column_stack([x[:, 0], -x[:, 0], x[:, 1], np.ones(500)])
    figure = corpus.correlation(x, ["a", "<i>b", "c", "d"])
    z = figure.data[0]["z"]
    assert z[0][:2] == [1, -1] and abs(z[0][2]) < 0.15 and z[3] == [None] * 4
    assert figure.data[0]["x"] == ["a", "&lt;i&gt;b", "c", "d"]
    assert "Of 6 pairs of columns 1 have |r| > 0.9; the strongest is between a and <i>b (-1.000)." in figure.text


def test_long_names_are_cut_and_stay_apart():
    names = ["x" * 300, "x" * 299 + "y"]
    figure = corpus.correlation(np.random.default_rng(0).normal(size=(9, 2)), names)
    assert figure.data[0]["x"] == ["1: " + "x" * 39 + "…", "2: " + "x" * 39 + "…"]
    assert len(figure.text) < 200


def test_components_are_fitted_on_train_alone():
    x = np.random.default_rng(1).normal(size=(10, 6))
    train = np.arange(0, 10, 2)
    moved = x.copy()
    moved[1::2] = 1000 * moved[1::2] + 7
    one, other = corpus.Components(x, train), corpus.Components(moved, train)
    assert one.cumulative() == other.cumulative()
    assert "the 5 train clips only" in one.cumulative().text
    groups = {"train": train, "test": np.arange(1, 10, 2)}
    (a, b), (c, d) = (model.scatter(groups, points=100, seed=0).data for model in (one, other))
    assert a == c and b["x"] != d["x"]


def test_the_share_of_components_that_are_known():
    rng = np.random.default_rng(2)
    one, two = rng.normal(size=(2, 1000))
    figure = corpus.Components(np.column_stack([one, one, one, two]), np.arange(1000)).cumulative()
    assert figure.data[0]["y"] == pytest.approx([75, 100, 100, 100], abs=2)  # of four scaled columns three are one
    assert "the first 2 explain 80 %" in figure.text


def test_at_most_so_many_points_are_drawn_by_the_seed():
    x = np.random.default_rng(3).normal(size=(300, 4))
    groups = {name: np.arange(100 * k, 100 * k + 100) for k, name in enumerate("abc")}
    model = corpus.Components(x, np.arange(300))
    figure = model.scatter(groups, points=30, seed=0)
    assert sum(len(trace["x"]) for trace in figure.data) == 30
    assert "30 of 300 (a random sample)" in figure.text
    assert figure == model.scatter(groups, points=30, seed=0) != model.scatter(groups, points=30, seed=1)


def test_tables_with_little_in_them():
    model = corpus.Components(np.ones((4, 2)), np.arange(2))
    assert not model.has_three
    json.dumps(model.cumulative(), allow_nan=False)
    json.dumps(corpus.correlation(np.ones((2, 1)), ["a"]), allow_nan=False)


def test_the_scale_of_cepstra_is_that_of_all_frames():
    rng = np.random.default_rng(4)
    clips = [rng.normal(k, 1 + k, (10 * k + 5, 2)) for k in range(4)]
    table = pd.DataFrame({f"mfcc{k + 1}_mean": [clip[:, k].mean() for clip in clips] for k in range(2)})
    for k in range(2):
        table[f"mfcc{k + 1}_var"] = [clip[:, k].var() for clip in clips]
    mean, sd = corpus.cepstral_scale(table, np.array([len(clip) for clip in clips]), 2)
    assert mean == pytest.approx(np.concatenate(clips).mean(axis=0))
    assert sd == pytest.approx(np.concatenate(clips).std(axis=0))


def test_the_largest_classes_are_shown_in_their_own_order():
    targets = np.array([[1, 0, 0, 1], [0, 0, 1, 0], [0, 0, 1, 1]], bool)
    shown = choice.classes(targets, ("a", "b", "c", "d"), 2)
    assert {name: rows.tolist() for name, rows in shown.items()} == {"c": [1, 2], "d": [0, 2]}
    assert list(choice.classes(targets, ("a", "b", "c", "d"), 9)) == ["a", "c", "d"]


def test_train_clips_nearest_to_the_median_duration_are_chosen_once():
    groups = {"a": np.arange(6), "b": np.array([2, 5, 6]), "c": np.array([3])}
    seconds = np.array([1.0, 9, 3, 3, 5, 100, 4])
    train = np.array([True, True, True, False, True, True, True])
    # the median of a's train clips, 1, 9, 3, 5 and 100 s, is 5 s; of b's, 3, 100 and 4 s, 4 s; c has none
    assert choice.typical(groups, seconds, train, 2) == [("a", 4), ("a", 2), ("b", 6), ("b", 5)]
