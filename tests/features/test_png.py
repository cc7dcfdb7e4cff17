"""Mel spectrogram images: their range of dB is fixed, so that a colour number is a level in every dataset."""

import numpy as np
import pytest

from sourcewise.audio.mel_image import colours
from sourcewise.core import params
from sourcewise.core.errors import Stop
from sourcewise.features import png
from tests.conftest import REPOSITORY, tone

VALUES = {"n_fft": 1024, "hop_length": 128, "height": 128, "width": 256, "range_db": [-60, 20], "colours": "magma"}
P = png.Params(**VALUES)


def _column(y, p=P):
    """The colour numbers in the middle of the image of a wave at 16,000 Hz, the lowest band first."""
    numbers = png.extract(np.asarray(y, np.float32), sr=16_000, p=p)
    assert numbers.dtype == np.uint8 and numbers.shape == (p.height, p.width)
    return numbers[::-1, p.width // 2].tolist()


def test_the_range_is_that_of_params_yaml():
    assert params.load(png.Params, "features.png", REPOSITORY / "params.yaml").range_db == [-70, 10]


@pytest.mark.parametrize(
    ("peak", "numbers"),
    [
        # librosa 0.11's melspectrogram of a 1 kHz tone at full scale: 31.13, 34.05 and 24.28 dB in bands 41 to 43,
        # less elsewhere than 1e-10; (34.05 - 26.02 + 60) / 80 * 255 = 216.9 of a tone 26.02 dB below full scale
        (1, [255, 255, 255]),
        (0.05, [208, 217, 186]),
        (1e-4, [35, 45, 14]),
        (1e-6, [0, 0, 0]),
    ],
)
def test_colour_numbers_of_a_tone(peak, numbers):
    assert _column(tone(1000, seconds=1, peak=peak)) == [0] * 41 + numbers + [0] * 84


def test_silence_has_the_first_colour():
    assert _column(np.zeros(16_000)) == [0] * 128


def test_the_ends_of_the_range_are_the_first_and_the_last_colour():
    at_ends = png.Params(**VALUES | {"range_db": [24.283, 34.052]})  # the levels of bands 43 and 42 above
    assert _column(tone(1000, seconds=1, peak=1), at_ends)[41:44] == [179, 255, 0]
    beyond = png.Params(**VALUES | {"range_db": [-110, 0]})  # silence is -100 dB
    assert _column(np.zeros(16_000), beyond) == [23] * 128


def test_the_colours_are_written_for_all_images(tmp_path):
    png.describe(tmp_path, P)
    assert [path.name for path in tmp_path.iterdir()] == ["colours.npy"]
    assert np.array_equal(np.load(tmp_path / "colours.npy"), colours("magma"))
    numbers = np.array([[0, 7], [200, 255]], np.uint8)
    assert np.array_equal(png.in_colour(numbers, tmp_path), colours("magma")[numbers])


@pytest.mark.parametrize(
    ("range_db", "sentence"),
    [
        ([20, -60], r"range_db is \[20, -60\]: the first value must be below the second"),
        ([5, 5], r"range_db is \[5, 5\]: the first value must be below the second"),
        ([-60], r"range_db is \[-60\]: "),
        ([-60, 0, 20], r"range_db is \[-60, 0, 20\]: "),
        (80, "range_db is 80: "),
        ([-60, float("inf")], "range_db.1 is inf: must be a finite number"),
    ],
)
def test_a_range_is_two_numbers_that_rise(range_db, sentence):
    with pytest.raises(Stop, match=sentence):
        params.check(png.Params, VALUES | {"range_db": range_db}, "features.png")
