import numpy as np
import pytest

from sourcewise.audio.landmarks import KEPT, landmarks, step
from tests.audio.signals import SIGNALS, SR

SPEECH = np.round(SIGNALS["speech"] * 32767).astype(np.int16)


def test_a_frame_is_about_eight_milliseconds():
    assert [step(sr) for sr in (8000, 16_000, 22_050, 44_100)] == [64, 128, 128, 256]


def test_level_and_polarity_do_not_count():
    numbers, times = landmarks(SPEECH, sr=SR)
    assert len(numbers) > 500
    for other in (SPEECH.astype(np.int32) * 4, -SPEECH):
        same_numbers, same_times = landmarks(other, sr=SR)
        assert np.array_equal(numbers, same_numbers)
        assert np.array_equal(times, same_times)


def test_a_later_copy_has_the_same_numbers_later():
    later = np.concatenate([np.zeros(50 * step(SR), np.int16), SPEECH])
    one, other = (set(zip(*(part.tolist() for part in landmarks(y, sr=SR)), strict=True)) for y in (SPEECH, later))
    moved = {(number, time + 50) for number, time in one}
    assert len(moved & other) > 0.95 * len(one)


def test_long_clips_keep_no_more_than_short_ones_and_the_same():
    twice = np.concatenate([SPEECH] * 10)
    numbers, times = landmarks(twice, sr=SR)
    assert len(numbers) == len(times) == KEPT
    assert times.max() > 8 * len(SPEECH) / step(SR)


@pytest.mark.parametrize("y", [np.zeros(16_000, np.int16), np.full(16_000, 900, np.int16), np.ones(5, np.int16)])
def test_what_has_no_peaks_has_no_landmarks(y):
    numbers, times = landmarks(y, sr=16_000)
    assert numbers.dtype == np.uint32
    assert len(times) == len(numbers) < 20
