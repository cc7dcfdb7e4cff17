"""Sets of points whose distance, spread and origin are known."""

import numpy as np
import pytest

from sourcewise.datasets.task import Task
from sourcewise.evaluation import generation


def points(n=1000, shift=0.0, scale=1.0, *, seed, d=8):
    return shift + scale * np.random.default_rng(seed).normal(size=(n, d))


def test_frechet_of_equal_gaussians_is_about_0_and_of_a_shift_its_square():
    assert generation.frechet(points(20_000, seed=0), points(20_000, seed=1)) == pytest.approx(0, abs=0.01)
    assert generation.frechet(points(20_000, seed=0), points(20_000, 3, seed=1, d=8)) == pytest.approx(72, rel=0.02)
    # of deviations 1 and 3 in each of 8 dimensions: 8 * (3 - 1)^2
    assert generation.frechet(points(20_000, seed=0), points(20_000, scale=3, seed=1)) == pytest.approx(32, rel=0.02)


def test_frechet_takes_correlation_into_account():
    a = points(20_000, seed=0, d=2)
    b = a @ np.array([[1, 1], [0, 0]])  # both columns are the first one
    assert np.cov(b.T) == pytest.approx(np.ones((2, 2)), abs=0.03)
    assert generation.frechet(a, b) == pytest.approx(4 - 2 * 2**0.5, abs=0.03)  # trace 2 + 2, less 2 trace (AB)^0.5


def test_precision_falls_for_samples_outside_and_recall_for_missing_modes():
    left, right = points(200, -20, seed=0), points(200, 20, seed=1)
    real = np.concatenate([left, right])
    precision, recall = generation.precision_and_recall(real, points(200, -20, seed=2))
    assert precision > 0.75 and 0.35 < recall < 0.5  # one of two modes
    assert generation.precision_and_recall(real, points(200, 500, seed=3)) == (0, 0)
    assert generation.precision_and_recall(real, real) == (1, 1)


def scored(made, groups=None):
    train, held, noise = points(seed=0), points(300, seed=1), points(300, 30, seed=2)
    groups = np.zeros(300, int) if groups is None else groups
    sets = {"held_out": held, "generated": made, "noise": noise}
    return generation.compared(train, sets, {"held_out": groups, "generated": groups, "noise": groups})


def test_a_generator_as_good_as_real_clips_has_no_fault():
    scores = scored(points(300, seed=3))
    assert generation.diagnosis(scores) == []
    assert scores["frechet_normalised"] == pytest.approx(0, abs=0.01)
    assert scores["frechet"]["noise"] > 5000 > 1 > scores["frechet"]["generated"]
    assert scores["nearest"]["generated"] == pytest.approx(scores["nearest"]["held_out"], rel=0.1)


def test_the_normalised_frechet_distance_of_noise_is_1():
    assert scored(points(300, 30, seed=4))["frechet_normalised"] == pytest.approx(1, abs=0.02)


def test_one_sample_again_and_again_has_collapsed():
    scores = scored(np.repeat(points(1, 1.0, seed=3), 300, axis=0) + points(300, scale=0.01, seed=4))
    assert generation.diagnosis(scores) == ["collapsed"]
    assert scores["recall"]["generated"] == 0


def test_one_sample_for_each_class_has_collapsed_too():
    groups = np.arange(300) % 3
    made = points(3, scale=2, seed=3)[groups] + points(300, scale=0.01, seed=4)
    assert generation.diagnosis(scored(made, groups)) == ["collapsed"]


@pytest.mark.parametrize(("scale", "names"), [(0.45, ["collapsed"]), (0.55, [])])
def test_less_than_half_as_varied_as_real_clips_is_collapsed(scale, names):
    assert generation.diagnosis(scored(points(300, 1.5, scale, seed=3))) == names


def test_copies_of_train_are_memorised():
    train = points(seed=0)
    assert generation.diagnosis(scored(train[:300] + points(300, scale=0.01, seed=5))) == ["memorising"]
    assert scored(train[:300])["nearest"]["generated"] == 0


def test_all_sets_are_cut_to_one_size():
    assert scored(points(50, seed=3))["clips"] == 50


def tones(n, seed):
    """Frames (40, 24), as loud in the lower half of the bands (class 0) or in the upper one (class 1)."""
    rng, y = np.random.default_rng(seed), np.arange(n) % 2
    frames = rng.normal(-60, 3, (n, 40, 24)).astype(np.float32)
    for clip, k in zip(frames, y, strict=True):
        clip[:, 12 * k : 12 * k + 12] += 30
    return list(frames), np.eye(2, dtype=bool)[y]


def test_statistics_are_of_level_spread_and_change():
    frames = np.tile(np.float32([[-10, -20]] * 2 + [[-30, -20]] * 2), (5, 12))  # 12 groups of 2 bands
    statistics = generation.statistics(frames)
    assert statistics.shape == (36,)
    assert statistics[:12] == pytest.approx([-20] * 12)
    assert statistics[12:24] == pytest.approx([5] * 12)  # of -15 and -25
    assert statistics[24:] == pytest.approx([10 * 9 / 20] * 12)  # nine steps of 10 dB among twenty frames


@pytest.mark.parametrize("task", [Task("binary", ("a", "b")), Task("multilabel", ("a", "b"))])
def test_the_recogniser_predicts_the_classes_of_its_training(task):
    frames, y = tones(60, seed=0)
    recogniser = generation.Recogniser(frames, y, task)
    others, y_true = tones(40, seed=1)
    assert recogniser.accuracy(others, y_true) == 1
    assert recogniser.accuracy(others, ~y_true) == 0
    assert recogniser.layer(others).shape == (40, 64)


def test_a_recogniser_of_some_of_the_classes_predicts_no_other():
    task, (frames, y) = Task("multiclass", ("a", "b", "c", "d")), tones(60, seed=0)
    some = np.zeros((60, 4), bool)
    some[:, [1, 3]] = y
    recogniser = generation.Recogniser(frames, some, task)
    assert recogniser.accuracy(frames, some) == 1
    assert recogniser.accuracy(frames, some[:, ::-1]) == 0


def test_the_margin_of_a_mean_is_that_of_its_normal_interval():
    values = np.random.default_rng(0).normal(0, 2, 1000)
    (half,) = generation.margin(lambda rows: {"mean": values[rows].mean()}, 1000).values()
    assert half == pytest.approx(1.96 * 2 / 1000**0.5, rel=0.4)  # ten parts know a deviation to a quarter
    assert generation.margin(lambda rows: {"same": 3.0}, 50) == {"same": 0.0}
