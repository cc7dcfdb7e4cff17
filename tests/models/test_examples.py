import numpy as np
import pandas as pd
import pytest

from sourcewise.core.errors import NotRun
from sourcewise.models.examples import columns, loudness_and_crossings, pooled


def test_all_columns_of_a_table_that_came_as_such_are_features_and_of_ours_the_published_ones():
    table = pd.DataFrame({"filename": ["a"], "length": [7.0], "rms_mean": [1.0], "label": ["x"]})
    assert columns(table).tolist() == [[7.0, 1.0]]
    ours = table.assign(rms_sd=2.0, zero_crossing_rate_sd=3.0)
    assert columns(ours).tolist() == [[1.0]]


def test_deviations_are_roots_of_published_variances_where_there_are_none():
    published = {
        "rms_mean": [0.5],
        "rms_var": [0.25],
        "zero_crossing_rate_mean": [0.1],
        "zero_crossing_rate_var": [4.0],
    }
    assert loudness_and_crossings(pd.DataFrame(published)).tolist() == [[0.5, 0.5, 0.1, 2.0]]
    own = {"rms_sd": [0.7], "zero_crossing_rate_sd": [0.9]}
    assert loudness_and_crossings(pd.DataFrame(published | own)).tolist() == [[0.5, 0.7, 0.1, 0.9]]
    with pytest.raises(NotRun, match="the table has no column rms_var, zero_crossing_rate_mean"):
        loudness_and_crossings(pd.DataFrame({"rms_mean": [0.5]}))


def test_frames_are_summed_up_by_mean_maximum_or_both():
    clips = [np.array([[1, 5, 9], [3, 1, 9]], np.float16), np.array([[2, -2, 9]], np.float16)]
    assert pooled(clips, 2, "mean").tolist() == [[2, 3], [2, -2]]
    assert pooled(clips, 2, "max").tolist() == [[3, 5], [2, -2]]
    assert pooled(clips, 2, "mean_max").tolist() == [[2, 3, 3, 5], [2, -2, 2, -2]]
    assert pooled(clips, None, "mean_sd").tolist() == [[2, 3, 9, 1, 2, 0], [2, -2, 9, 0, 0, 0]]
