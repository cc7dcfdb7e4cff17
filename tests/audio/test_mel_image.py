import cv2
import numpy as np
import pytest

from sourcewise.audio.mel_image import COLOUR_MAPS, colours, image, indexed, png


def test_the_highest_band_is_on_top_and_time_runs_to_the_right():
    mel_db = np.full((6, 3), -80, np.float32)  # six frames, three bands
    mel_db[0, 2] = 0  # the first frame, the highest band
    assert image(mel_db, width=6).tolist() == [[0, -80, -80, -80, -80, -80], [-80] * 6, [-80] * 6]


def test_narrow_images_are_means_and_wide_ones_between_frames():
    mel_db = np.array([[-10], [-20], [-30], [-40]], np.float32)
    assert image(mel_db, width=2).tolist() == [[-15, -35]]
    wide = image(mel_db, width=8)[0]
    assert wide.shape == (8,)
    assert (np.diff(wide) <= 0).all() and wide[0] == -10 and wide[-1] == -40


def test_numbers_of_colours():
    db = np.array([[-100, -80, -40, -20, 0, 10]])
    assert indexed(db, low_db=-80, high_db=0).tolist() == [[0, 0, 128, 191, 255, 255]]


def test_colours_are_those_of_the_map():
    assert colours("grey")[[0, 100, 255]].tolist() == [[0, 0, 0], [100, 100, 100], [255, 255, 255]]
    # the ends of magma and viridis as matplotlib defines them
    assert np.abs(colours("magma")[[0, 255]].astype(int) - [[0, 0, 4], [252, 253, 191]]).max() <= 1
    assert np.abs(colours("viridis")[[0, 255]].astype(int) - [[68, 1, 84], [253, 231, 37]]).max() <= 1
    for name in COLOUR_MAPS:
        assert colours(name).shape == (256, 3)


@pytest.mark.parametrize("shape", [(1, 1), (128, 256), (70, 100), (224, 224)])
def test_other_readers_see_the_same_pixels(tmp_path, shape):
    pixels = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    (tmp_path / "a.png").write_bytes(png(pixels, colours("magma")))
    read = cv2.imread(str(tmp_path / "a.png"))[:, :, ::-1]
    assert np.array_equal(read, colours("magma")[pixels])
