import numpy as np
import pytest

from sourcewise.models.keras.windows import all_starts, augment, crop, heard, normalise, random_start


def _frames(n=60, n_mels=40, seed=0):
    return np.random.default_rng(seed).normal(-40, 10, (n, n_mels)).astype(np.float32)


def test_level_is_taken_away_and_the_floor_is_cut():
    frames = _frames()
    for louder in (0, 20):
        normal = normalise(frames + louder, range_db=50)
        assert normal.mean() == pytest.approx(0, abs=1e-4)
        assert normal.std() == pytest.approx(1, abs=1e-3)
    assert np.allclose(normalise(frames, range_db=50), normalise(frames + 20, range_db=50), atol=1e-4)
    frames[0, 0] = -100
    quieter = frames.copy()
    quieter[0, 0] = -90  # both below the range
    assert np.array_equal(normalise(frames, range_db=50), normalise(quieter, range_db=50))


def test_a_constant_clip_stays_finite():
    assert np.isfinite(normalise(np.full((5, 4), -100.0), range_db=50)).all()


def test_short_clips_are_filled_with_their_quietest():
    frames = np.arange(6.0).reshape(3, 2)
    assert crop(frames, 5, 0).tolist() == [[0, 1], [2, 3], [4, 5], [0, 0], [0, 0]]
    assert crop(frames, 2, 1).tolist() == [[2, 3], [4, 5]]


@pytest.mark.parametrize("n_clip", [1, 95, 96, 97, 192, 193, 1000])
def test_windows_cover_a_clip_from_end_to_end(n_clip):
    starts = all_starts(n_clip, 96)
    covered = np.zeros(n_clip, bool)
    for start in starts:
        covered[start : start + 96] = True
    assert covered.all()
    assert len(starts) == -(-n_clip // 96)
    assert starts.max() <= max(n_clip - 96, 0)


def test_random_windows_reach_both_ends():
    starts = {random_start(100, 96, np.random.default_rng(seed)) for seed in range(100)}
    assert starts == {0, 1, 2, 3, 4}
    assert random_start(10, 96, np.random.default_rng(0)) == 0


def test_a_window_has_the_labels_heard_in_it():
    events = [(0.1, 0.2, 0), (0.0, 1.0, 1), (0.55, 0.95, 2)]
    assert heard(events, 0, 0.3, 4).tolist() == [1, 1, 0, 0]
    assert heard(events, 0.18, 0.4, 4).tolist() == [0, 1, 0, 0]  # a fifth of the first event
    assert heard(events, 0.17, 0.4, 4).tolist() == [1, 1, 0, 0]
    assert heard(events, 0.4, 0.61, 4).tolist() == [0, 1, 1, 0]  # a quarter of the window
    assert heard(events, 0.3, 0.54, 4).tolist() == [0, 1, 0, 0]
    assert heard(np.zeros((0, 3)), 0, 1, 2).tolist() == [0, 0]


def test_variation_repeats_with_its_generator_and_differs_without():
    options = {"probability": 1, "speed": 0.2, "shift": 0.1, "tilt_db": 6, "noise_db": [20, 60]}
    one, same, other = (augment(_frames(), **options, rng=np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert one.shape != other.shape or not np.allclose(one, other)
    assert one.dtype == np.float32


def test_no_variation_is_the_clip_itself():
    frames = _frames()
    varied = augment(
        frames, probability=1, speed=0, shift=0, tilt_db=0, noise_db=[200, 200], rng=np.random.default_rng(0)
    )
    assert np.allclose(varied, frames, atol=1e-4)


def test_the_share_that_is_not_varied_stays_as_it_is():
    frames = _frames()
    options = {"probability": 0.6, "speed": 0.2, "shift": 0.1, "tilt_db": 6, "noise_db": [20, 60]}
    varied = [augment(frames, **options, rng=np.random.default_rng(seed)) for seed in range(200)]
    assert np.mean([v is frames for v in varied]) == pytest.approx(0.4, abs=0.1)


def test_speed_changes_the_length_by_its_share():
    lengths = [
        len(
            augment(
                _frames(1000),
                probability=1,
                speed=0.2,
                shift=0,
                tilt_db=0,
                noise_db=[90, 90],
                rng=np.random.default_rng(seed),
            )
        )
        for seed in range(50)
    ]
    assert 1000 / 1.2 - 1 <= min(lengths) < 880
    assert 1180 < max(lengths) <= 1000 / 0.8 + 1


def test_noise_lifts_the_floor_to_where_it_was_asked_for():
    frames = np.full((50, 40), -100, np.float32)
    frames[:, 10] = -20  # a tone
    varied = augment(
        frames, probability=1, speed=0, shift=0, tilt_db=0, noise_db=[30, 30], rng=np.random.default_rng(0)
    )
    assert varied[:, 30] == pytest.approx(-50, abs=0.01)
    assert varied[:, 10] == pytest.approx(-20, abs=0.01)
