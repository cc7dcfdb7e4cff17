import numpy as np
import pytest

from sourcewise.audio.segments import cut, fill, padded_events, within

WAVE = np.arange(1, 11, dtype=np.int16)


def _cut(y, segment, hop, shortest=1, pad="zeros"):
    y, starts, stops = cut(y, segment=segment, hop=hop, shortest=shortest, pad=pad)
    return [y[start:stop].tolist() for start, stop in zip(starts, stops, strict=True)]


@pytest.mark.parametrize(
    ("n", "segment", "hop", "starts"),
    [
        (10, 4, 4, [0, 4, 8]),
        (10, 4, 2, [0, 2, 4, 6]),
        (10, 4, 3, [0, 3, 6]),
        (10, 5, 5, [0, 5]),
        (11, 5, 5, [0, 5, 10]),
        (10, 4, 1, [0, 1, 2, 3, 4, 5, 6]),
        (10, 10, 3, [0]),
        (10, 12, 12, [0]),
        (11, 10, 3, [0, 3]),
    ],
)
def test_a_segment_starts_every_hop_until_one_reaches_the_end(n, segment, hop, starts):
    y, result, stops = cut(np.arange(n, dtype=np.int16), segment=segment, hop=hop, shortest=1, pad="zeros")
    assert result == starts
    assert stops == [start + segment for start in starts]
    assert len(y) == stops[-1]


@pytest.mark.parametrize(
    ("pad", "last"),
    [
        ("zeros", [9, 10, 0, 0]),
        ("repeat", [9, 10, 1, 2]),
        ("reflect", [9, 10, 10, 9]),
        ("none", [9, 10]),
    ],
)
def test_the_last_segment_is_filled_up(pad, last):
    assert _cut(WAVE, 4, 4, pad=pad) == [[1, 2, 3, 4], [5, 6, 7, 8], last]


@pytest.mark.parametrize(
    ("pad", "whole"),
    [
        ("zeros", [1, 2, 3, 0, 0, 0, 0, 0]),
        ("repeat", [1, 2, 3, 1, 2, 3, 1, 2]),
        ("reflect", [1, 2, 3, 3, 2, 1, 1, 2]),
        ("none", [1, 2, 3]),
    ],
)
def test_a_short_recording_is_filled_up_again_and_again(pad, whole):
    assert _cut(WAVE[:3], 8, 8, shortest=5, pad=pad) == [whole]


def test_a_last_piece_that_is_too_short_is_left_out():
    assert _cut(WAVE, 4, 4, shortest=2) == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 0, 0]]
    assert _cut(WAVE, 4, 4, shortest=2.5) == [[1, 2, 3, 4], [5, 6, 7, 8]]
    assert _cut(WAVE, 5, 5, shortest=7) == [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]]


def test_what_no_segment_reaches_is_not_kept():
    y, *_ = cut(WAVE, segment=4, hop=4, shortest=3, pad="repeat")
    assert y.tolist() == [1, 2, 3, 4, 5, 6, 7, 8]


def test_without_a_length_the_recording_is_the_segment():
    y, starts, stops = cut(WAVE, segment=None, hop=None, shortest=1, pad="repeat")
    assert y is WAVE
    assert (starts, stops) == ([0], [10])


EVENTS = [(0, 10, "a"), (50, 80, "b")]


@pytest.mark.parametrize(
    ("pad", "expected"),
    [
        ("zeros", EVENTS),
        ("none", EVENTS),
        ("repeat", [*EVENTS, (100, 110, "a"), (150, 180, "b"), (200, 210, "a"), (250, 280, "b")]),
        ("reflect", [*EVENTS, (190, 200, "a"), (120, 150, "b"), (200, 210, "a"), (250, 280, "b")]),
    ],
)
def test_events_repeat_with_the_wave(pad, expected):
    assert padded_events(EVENTS, n_samples=100, end=230, pad=pad) == expected


def test_events_repeat_where_fill_repeats_the_wave():
    y = np.zeros(100, int)
    for onset, offset, _ in EVENTS:
        y[onset:offset] = 1
    for pad in ("zeros", "repeat", "reflect"):
        marked = np.zeros(230, int)
        for onset, offset, _ in padded_events(EVENTS, n_samples=100, end=230, pad=pad):
            marked[onset:offset] = 1
        assert marked.tolist() == fill(y, 230, pad).tolist()


def test_events_are_cut_to_a_segment():
    assert within([(50, 80, "b"), (0, 10, "a"), (60, 65, "a")], 55, 70) == [(0, 15, "b"), (5, 10, "a")]
    assert within([(50, 80, "b")], 0, 50) == []
