"""What keeps an adversarial training from collapsing: each part on arrays whose answer is known."""

import numpy as np
import pytest

from sourcewise.models.adversarial.step import PENALISED_EVERY, compiled
from sourcewise.models.keras.tensorflow import import_keras
from tests.models.generators.test_adversarial import entry


@pytest.fixture(scope="module")
def layers():
    import_keras()
    from sourcewise.models.adversarial import layers

    return layers


def test_log_mel_frames_show_a_tone_where_it_is(layers):
    t = np.arange(4000) / 4000
    tones = np.float32([np.sin(2 * np.pi * hz * t) * 2**0.5 for hz in (300, 1500)])
    frames = np.asarray(layers.LogMel(4000)(tones))
    assert frames.shape == (2, 4000 // (4000 // 64) + 1, 32)
    low, high = frames.mean(axis=1).argmax(axis=1)
    mel = [2595 * np.log10(1 + hz / 700) for hz in (300, 1500, 2000)]
    assert [low, high] == pytest.approx([33 * hz / mel[2] - 1 for hz in mel[:2]], abs=1.5)
    silence = np.asarray(layers.LogMel(4000)(np.zeros((1, 4000), np.float32)))
    assert silence == pytest.approx(np.log(1e-2) / 4, abs=1e-4)


@pytest.mark.parametrize(("draw", "moved"), [(0.5, 0), (1.0, 8), (0.0, -8)])
def test_a_wave_is_shifted_by_up_to_an_eighth_into_silence(layers, draw, moved):
    wave = np.arange(1, 65, dtype=np.float32)[None]
    shifted = np.asarray(layers.shifted(wave, np.float32([[draw, 0.5, 0]])))[0]
    padded = np.pad(wave[0], 8)
    assert shifted == pytest.approx(padded[8 + moved : 72 + moved], rel=1e-6)  # a gain of 1


def test_the_gain_of_a_wave_is_drawn(layers):
    loud, quiet = np.asarray(layers.shifted(np.ones((2, 16), np.float32), np.float32([[0.5, 1, 0], [0.5, 0, 0]])))
    assert (loud[0], quiet[0]) == pytest.approx((np.exp(0.35), np.exp(-0.35)), rel=1e-5)


def test_an_image_is_shifted_along_both_axes_and_mirrored_at_its_border(layers):
    image = np.arange(64 * 64 * 3, dtype=np.float32).reshape(1, 64, 64, 3) / 12288
    moved = np.asarray(layers.shifted(image, np.float32([[1.0, 0.0, 0.5]])))[0]
    assert np.array_equal(moved[:56, 8:], image[0, 8:, :56])
    assert np.array_equal(moved[56:, 8:], image[0, 62:54:-1, :56])
    brighter = np.asarray(layers.shifted(image, np.float32([[0.5, 0.5, 1.0]])))
    assert brighter - image == pytest.approx(0.2, abs=1e-6)


def _networks(weight):
    """A generator that hands its noise on, and a discriminator that is a weighted sum of a wave."""
    keras = import_keras()
    same = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, use_bias=False, kernel_initializer="identity")])
    fixed = keras.initializers.Constant(weight)
    return same, keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, kernel_initializer=fixed)])


def _losses(weight, real, noise, *, penalised=False, **training):
    keras = import_keras()
    plain = {"r1": 0, "mode_seeking": 0, "augment": False, "average": 0.0, "learning_rate": 1e-9}
    _, p = entry("cgan_fcn", **(plain | training))
    step = compiled(_networks(weight), p.training, keras.layers.Identity()).step
    labels, draws = np.zeros((len(real), 0), np.float32), np.full((3, len(real), 3), 0.5, np.float32)
    return [float(value) for value in step(np.float32(real), labels, np.float32(noise), draws, penalised=penalised)]


def test_hinge_loss_and_cross_entropy_are_their_formulas():
    real, noise = np.full((2, 4), 1.0), np.full((2, 4), -0.5)  # logits 0.4 and -0.2 at a weight of 0.1
    assert _losses(0.1, real, noise) == pytest.approx([0.6 + 0.8, 0.2], rel=1e-5)
    entropy = [np.log1p(np.exp(-0.4)) + np.log1p(np.exp(-0.2)), np.log1p(np.exp(0.2))]
    assert _losses(0.1, real, noise, loss="bce") == pytest.approx(entropy, rel=1e-4)


def test_the_gradient_penalty_is_half_the_squared_gradient_every_few_steps():
    real = noise = np.zeros((2, 4))
    without, _ = _losses(0.3, real, noise, r1=2.0)
    with_penalty, _ = _losses(0.3, real, noise, r1=2.0, penalised=True)
    assert with_penalty - without == pytest.approx(2.0 * PENALISED_EVERY * (4 * 0.3**2) / 2, rel=1e-5)


def test_samples_that_are_alike_are_punished_and_varied_ones_hardly():
    real = np.zeros((2, 4))
    varied = [[1.0, 1, 1, 1], [-1, -1, -1, -1]]  # the generator hands them on: as far apart as their noise
    plain, rewarded = (_losses(0.1, real, varied, mode_seeking=weight)[1] for weight in (0, 1.0))
    assert rewarded - plain == pytest.approx(1 / 1.05, rel=1e-4)


def test_the_weights_that_make_samples_are_means_over_steps():
    keras = import_keras()
    _, p = entry("cgan_fcn", average=0.75, learning_rate=0.1, r1=0, mode_seeking=0, augment=False)
    generator, judge = _networks(0.1)
    steps = compiled((generator, judge), p.training, keras.layers.Identity())
    before = generator.get_weights()[0]
    noise = np.ones((2, 4), np.float32)
    steps.step(np.zeros((2, 4), np.float32), np.zeros((2, 0), np.float32), noise, np.zeros((3, 2, 3), np.float32))
    after = generator.get_weights()[0]
    assert np.abs(after - before).max() > 0.01
    assert steps.averaged.get_weights()[0] == pytest.approx(0.75 * before + 0.25 * after, abs=1e-6)
