import numpy as np
import pytest

from sourcewise.core import params
from sourcewise.core.errors import Stop
from sourcewise.datasets.readers.eventroll import DatasetFile, read
from tests.conftest import tone, write_wav

CLASSES = ["dog", "silence", "rain"]


def _dataset_file(**keys):
    common = {"title": "t", "licence": "l", "reader": "eventroll", "rolls": "rolls/{stem}.npy", "classes": CLASSES}
    common |= {"sounds": "audio", "frame_rate": 10.0, "source": {"pattern": "([a-z])[0-9]"}}
    return params.check(DatasetFile, common | keys, "own.yaml")


@pytest.fixture
def root(tmp_path):
    """Two recordings: a1 with a dog in frames 0 and 1 and from 8 to the end, 9, rain in frame 3; b1 with silence."""
    (tmp_path / "rolls").mkdir()
    rolls = np.zeros((2, 3, 10), np.float32)
    rolls[0, 0, [0, 1, 8, 9]], rolls[0, 2, 3], rolls[:, 1, 5] = 1, 0.5, 1
    for name, roll in zip(("a1", "b1"), rolls, strict=True):
        write_wav(tmp_path / f"audio/{name}.wav", tone(440, seconds=1))
        np.save(tmp_path / f"rolls/{name}.npy", roll)
    return tmp_path


def test_runs_of_frames_become_events(root):
    assert [tuple(r) for r in read(root, _dataset_file(drop=["silence"]))] == [
        ("audio/a1.wav", "dog|rain", "a", "", ((0.0, 0.2, "dog"), (0.3, 0.4, "rain"), (0.8, 1.0, "dog"))),
        ("audio/b1.wav", "", "b", "", ()),
    ]


def test_the_dataset_file_sets_the_value_from_which_a_class_is_active(root):
    assert [r.labels for r in read(root, _dataset_file(present=0.6))] == ["dog|silence", "silence"]


def test_axes_of_length_one_in_front_are_left_out(root):
    np.save(root / "rolls/b1.npy", np.load(root / "rolls/b1.npy")[None, None])
    assert read(root, _dataset_file())[1].labels == "silence"


def test_booleans_are_numbers(root):
    np.save(root / "rolls/b1.npy", np.ones((3, 10), bool))
    assert read(root, _dataset_file())[1].events == ((0, 1, "dog"), (0, 1, "rain"), (0, 1, "silence"))


@pytest.mark.parametrize(
    ("array", "sentence"),
    [
        (
            np.zeros((10, 3)),
            r"b1.npy is an array \(10, 3\) of float64, not of numbers \(3, frames\): the dataset file names 3",
        ),
        (np.zeros(3), r"is an array \(3,\)"),
        (np.zeros((3, 10), "U1"), "of <U1, not of numbers"),
        (np.full((3, 10), np.nan), "b1.npy holds NaN or infinity"),
        (np.full((3, 10), None), "b1.npy cannot be read as an array: Object arrays cannot be loaded"),
    ],
)
def test_a_wrong_roll_is_named(root, array, sentence):
    np.save(root / "rolls/b1.npy", array)
    with pytest.raises(Stop, match=sentence):
        read(root, _dataset_file())


def test_a_recording_without_a_roll_is_named(root):
    (root / "rolls/b1.npy").unlink()
    with pytest.raises(Stop, match="1 of 2 recordings have none .first: 'audio/b1.wav': no 'rolls/b1.npy'"):
        read(root, _dataset_file())


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"rolls": "rolls.npy"}, "must hold {stem} or {name}, and end in .npy"),
        ({"classes": ["a", "a", "b"]}, "'a' is empty, is listed twice"),
        ({"classes": ["a", "a|c", "b"]}, r"'a\|c' is empty, is listed twice, or holds \|"),
        ({"drop": ["quiet"]}, "drop may only name classes: dog, silence, rain"),
        ({"frame_rate": 0.0}, "frame_rate is 0.0"),
        ({"sounds": "sound"}, "sounds is 'sound': there is no such folder"),
    ],
)
def test_a_wrong_dataset_file_is_named(root, keys, sentence):
    with pytest.raises(Stop, match=sentence):
        read(root, _dataset_file(**keys))
