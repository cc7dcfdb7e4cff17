import pandas as pd
import pytest

from sourcewise.core.paths import EVENTS
from sourcewise.datasets import event_times, manifest
from sourcewise.datasets.task import Task

CLIPS = pd.DataFrame({"clip_id": ["a", "b", "c", "a+0"], "duration_s": [10.0, 4.0, 2.0, 10.0]})
CLIPS["origin"] = ["", "", "", "a"]
TASK = Task("multilabel", ("bell", "dog"))


@pytest.fixture
def times(in_tmp):
    rows = [("a", 1.0, 2.5, "dog"), ("a", 0.0, 10.0, "bell"), ("b", 1.0, 4.0, "bell")]
    manifest.write(pd.DataFrame(rows, columns=manifest.EVENT_COLUMNS), EVENTS)


def test_times_are_shares_of_the_clip_and_unknown_for_copies(times):
    a, b, silent, copy = event_times.read(CLIPS, TASK)
    assert a.tolist() == [[0.1, 0.25, 1], [0, 1, 0]] and b.tolist() == [[0.25, 1, 0]]
    assert silent.shape == (0, 3) and copy is None


def test_no_times_and_labels_of_whole_clips_give_none(times):
    assert event_times.read(CLIPS, Task("binary", ("bell", "dog"))) is None
    manifest.write(pd.DataFrame(columns=manifest.EVENT_COLUMNS), EVENTS)
    assert event_times.read(CLIPS, TASK) is None
