import io
import sys
from itertools import pairwise

import pytest
import tqdm

from sourcewise.compute import progress as module
from sourcewise.compute.progress import Progress, progress


class Clock:
    """Seconds that pass only when the test lets them."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(module, "monotonic", clock)
    monkeypatch.setattr(tqdm.std, "time", clock)
    return clock


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_log_gets_few_lines_at_growing_distances(clock, capsys):
    for _ in progress(range(3000), total=3000, title="extract mel", unit="clip"):
        clock.now += 1 / 64
    assert capsys.readouterr().err.splitlines() == [
        "extract mel: 320 of 3,000 clips, 64 a second, 42 s left",
        "extract mel: 960 of 3,000 clips, 64 a second, 32 s left",
        "extract mel: 1,600 of 3,000 clips, 64 a second, 22 s left",
        "extract mel: 2,400 of 3,000 clips, 64 a second, 9 s left",
    ]


def test_lines_are_at_most_five_minutes_apart(clock, capsys):
    with Progress(total=100_000, title="train", unit="epoch") as bar:
        for _ in range(10_000):
            clock.now += 1
            bar.update()
    done = [int(line.split()[1].replace(",", "")) for line in capsys.readouterr().err.splitlines()]
    distances = [after - before for before, after in pairwise(done)]
    assert done[:4] == [5, 15, 25, 38] and max(distances) == 300 and len(done) < 45


def test_slow_work_that_goes_on_where_it_stopped(clock, capsys):
    with Progress(total=40, done=10, title="train", unit="epoch") as bar:
        for _ in range(2):
            clock.now += 90
            bar.update(note="loss 0.125")
    assert capsys.readouterr().err.splitlines() == [
        "train: 11 of 40 epochs, 40 an hour, 44 min left, loss 0.125",
        "train: 12 of 40 epochs, 40 an hour, 42 min left, loss 0.125",
    ]


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_short_work_is_silent(clock, monkeypatch, stream):
    monkeypatch.setattr(sys, "stderr", stream())
    for _ in progress(range(19), total=19, title="ingest", unit="clip"):
        clock.now += 0.1
    assert sys.stderr.getvalue() == ""


def test_a_terminal_gets_a_bar_after_two_seconds(clock, monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    with Progress(total=40, done=10, title="train", unit="epoch") as bar:
        clock.now += 1.9
        bar.update(note="loss 0.125")
        assert sys.stderr.getvalue() == ""
        clock.now += 1.9
        bar.update(8, note="loss 0.100")
        shown = sys.stderr.getvalue()
    assert "train:" in shown and "19/40" in shown and "epoch/s" in shown and "loss 0.100" in shown


@pytest.mark.parametrize(
    ("seconds", "text"), [(8.2, "8 s"), (99, "99 s"), (100, "2 min"), (5999, "100 min"), (7500, "2 h 5 min")]
)
def test_durations(seconds, text):
    assert module._duration(seconds) == text


@pytest.mark.parametrize(
    ("rate", "text"),
    [(12345, "12,345 a second"), (2.44, "2.4 a second"), (0.2, "12 a minute"), (1e-4, "0.36 an hour")],
)
def test_rates(rate, text):
    assert module._rate(rate) == text
