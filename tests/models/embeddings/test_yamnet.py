"""YAMNet: its log-mel spectrogram against TensorFlow's own, its layers against plain sums in numpy, and, where the real
weights lie beside the repository, what it recognises."""

import numpy as np
import pytest

from sourcewise.audio.samples import to_int16
from sourcewise.core.errors import Stop
from sourcewise.models.embeddings import yamnet
from sourcewise.models.keras.tensorflow import import_keras
from sourcewise.models.pretrained import read_layers
from tests.conftest import REPOSITORY, tone
from tests.models.classifiers import frozen

REAL = REPOSITORY.parent / "shared/weights/yamnet.h5"
RNG = np.random.default_rng
SIXTEEN = {"sr": 16_000}
T = np.arange(15_600) / 16_000


@pytest.fixture(scope="module")
def random(tmp_path_factory):
    """The path of random weights."""
    return frozen.yamnet(tmp_path_factory.mktemp("weights") / "yamnet.h5")


@pytest.fixture(scope="module")
def real():
    """(the network with the real weights, its dense layer)."""
    if not REAL.is_file():
        pytest.skip(f"the real weights are absent: no file {REAL}")
    return yamnet.load(REAL, None, SIXTEEN), yamnet.read(REAL)[1]


def by_sums(path, patch):
    """The embedding of a patch (96, 64), in float64, from the file's own layers, one after the other."""
    *pairs, _ = [arrays for arrays in read_layers(path, "YAMNet").values() if arrays]
    x = patch[..., None].astype(np.float64)
    strides = [2, *(s for stride in (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1) for s in (stride, 1))]
    for stride, (kernel,), (beta, mean, variance) in zip(strides, pairs[::2], pairs[1::2], strict=True):
        x = np.maximum((_convolved(x, kernel, stride) - mean) / np.sqrt(variance + 1e-4) + beta, 0)
    return x.mean(axis=(0, 1))


def _convolved(x, kernel, stride):
    """A convolution with zeros around it as TensorFlow's "same" has them: the odd one behind."""
    size = len(kernel)
    out = [-(-n // stride) for n in x.shape[:2]]
    around = [max((o - 1) * stride + size - n, 0) for o, n in zip(out, x.shape[:2], strict=True)]
    x = np.pad(x, [(a // 2, a - a // 2) for a in around] + [(0, 0)])
    y = 0
    for i in range(size):
        for j in range(size):
            part = x[i : i + stride * out[0] : stride, j : j + stride * out[1] : stride][: out[0], : out[1]]
            y = y + (part * kernel[i, j, :, 0] if kernel.shape[3] == 1 else part @ kernel[i, j])
    return y


def test_the_spectrogram_is_that_of_tensorflows_functions():
    import_keras()
    import tensorflow as tf

    y = (0.3 * RNG(0).normal(size=yamnet.PATCH + 7680)).astype(np.float32)
    spectrum = tf.abs(tf.signal.stft(y, 400, 160, 512))
    filters = tf.signal.linear_to_mel_weight_matrix(64, 257, 16_000, 125.0, 7500.0)
    expected = np.log((spectrum @ filters).numpy() + 0.001)
    assert expected.shape == yamnet.log_mel(y).shape == (144, 64)
    assert np.abs(yamnet.log_mel(y) - expected).max() < 1e-3  # of -7 to 3
    result = yamnet.patches(y)
    assert result.shape == (2, 96, 64) and result.dtype == np.float32
    assert np.array_equal(result[1], yamnet.log_mel(y)[48:])


@pytest.mark.parametrize(("samples", "n"), [(1, 1), (15_600, 1), (15_601, 2), (80_000, 10), (23_280, 2)])
def test_a_wave_has_a_patch_every_half_second_and_zeros_fill_the_last(samples, n, random):
    wave = to_int16(RNG(0).uniform(-0.5, 0.5, samples))
    embed = yamnet.load(random, None, SIXTEEN)
    assert embed(wave).shape == (n, 1024) and embed(wave).dtype == np.float16
    assert np.array_equal(embed(wave), embed(np.pad(wave, (0, 15_600 + (n - 1) * 7680 - samples))))


def test_the_layers_are_those_of_the_file(random):
    y = (0.3 * RNG(1).normal(size=yamnet.PATCH)).astype(np.float32)
    wave = to_int16(y)
    expected = by_sums(random, yamnet.patches(wave / np.float32(32768))[0])
    assert 0.1 < expected.std() < 10
    assert yamnet.load(random, None, SIXTEEN)(wave)[0] == pytest.approx(expected, rel=0.002, abs=0.005)


def test_a_long_wave_is_the_sum_of_its_parts(random):
    wave = to_int16(0.3 * RNG(2).normal(size=15_600 + 24 * 7680))
    embed = yamnet.load(random, None, SIXTEEN)
    whole = embed(wave)
    assert whole.shape == (25, 1024)
    for k in (0, 9, 10, 24):
        assert whole[k] == pytest.approx(embed(wave[k * 7680 : k * 7680 + 15_600])[0], rel=0.002, abs=0.005)


def test_a_wave_of_another_rate_is_converted(random):
    embed = yamnet.load(random, None, {"sr": 8000})
    assert embed(to_int16(tone(440, seconds=2, sr=8000))).shape == (4, 1024)


def test_the_classes_have_their_names():
    names = yamnet.class_names()
    assert len(names) == len(set(names)) == 521
    chosen = {0: "Speech", 44: "Sneeze", 132: "Music", 283: "Rain", 341: "Chainsaw", 494: "Silence"}
    assert {k: names[k] for k in chosen} == chosen


def test_weights_of_another_network_stop_with_a_sentence(tmp_path):
    other = frozen.mobilenet_v2(tmp_path / "other.h5", alpha=0.35)
    with pytest.raises(Stop, match="other.h5 does not hold the weights of YAMNet: its layers have other shapes"):
        yamnet.load(other, None, SIXTEEN)
    (tmp_path / "text.h5").write_text("weights")
    with pytest.raises(Stop, match="text.h5 does not hold the weights of YAMNet: "):
        yamnet.load(tmp_path / "text.h5", None, SIXTEEN)


def _named(network, y):
    """The three classes of the highest scores, the maximum over patches."""
    embed, (kernel, bias) = network
    scores = (embed(to_int16(y)).astype(np.float32) @ kernel + bias).max(axis=0)
    return [yamnet.class_names()[k] for k in np.argsort(-scores)[:3]]


def test_the_real_network_recognises_silence_tones_and_noise(real):
    assert _named(real, np.zeros(32_000))[0] == "Silence"
    assert _named(real, np.zeros(1000))[0] == "Silence"
    assert {"Beep, bleep", "Sine wave", "Telephone", "Dial tone"} & set(_named(real, tone(440, seconds=2)))
    converted = yamnet.load(REAL, None, {"sr": 44_100}), real[1]
    assert {"Beep, bleep", "Sine wave", "Telephone", "Dial tone"} & set(
        _named(converted, tone(440, seconds=2, sr=44_100))
    )
    assert {"Waterfall", "White noise", "Static", "Water"} & set(_named(real, RNG(0).normal(0, 0.1, 32_000)))


def test_the_real_embedding_of_a_patch_is_the_stored_one(real):
    """Stored: what `by_sums` gives for the patch of this wave, the ten largest numbers and the mean of all."""
    stored = {
        **{113: 2.4955, 156: 1.9103, 280: 2.9322, 326: 2.2131, 389: 3.9093},
        **{510: 3.3251, 588: 1.9614, 622: 2.4761, 713: 2.4161, 953: 3.0828},
    }
    wave = to_int16(0.4 * np.sin(2 * np.pi * (300 * T + 1500 * T**2)))
    embedding = real[0](wave)[0]
    assert embedding.mean(dtype=float) == pytest.approx(0.0730, abs=0.001)
    for k, value in stored.items():
        assert embedding[k] == pytest.approx(value, abs=0.01)
