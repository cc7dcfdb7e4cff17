import numpy as np
import pytest

from sourcewise.storage.serialise import pack, unpack


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12, dtype=np.float32).reshape(3, 4),
        np.array([1, -2, 3], np.int16),
        np.array(2.5),
        np.zeros((0, 40), np.float32),
        np.array([[True, False]]),
        np.array([1 + 2j], np.complex64),
        np.array([1, 2], ">i4"),
        np.array([np.nan, np.inf, -0.0]),
        np.asfortranarray(np.arange(6.0).reshape(2, 3))[:, ::2],
    ],
)
def test_an_array_comes_back(array):
    found = unpack(pack(array))
    assert found.dtype == array.dtype and found.shape == array.shape and found.tobytes() == array.tobytes()
    assert found.flags.writeable and found.flags.c_contiguous


def test_a_decoded_recording_comes_back():
    y, about = unpack(pack((np.array([1, 2, 3], np.int16), {"sr_original": 44100, "clipped": False})))
    assert y.tolist() == [1, 2, 3] and about == {"sr_original": 44100, "clipped": False}


def test_a_rejected_recording_comes_back():
    assert unpack(pack((None, "is shorter than 0.1 s: \udcff ä"))) == (None, "is shorter than 0.1 s: \udcff ä")


def test_two_arrays_of_different_kinds_come_back():
    one, other = unpack(pack((np.array([1, 2, 3], np.int8), np.array([[0.5]]))))
    assert one.tolist() == [1, 2, 3] and other.tolist() == [[0.5]]


def test_what_is_unpacked_is_not_shared():
    packed = pack((np.zeros(3), {"a": [1]}))
    y, about = unpack(packed)
    y += 1
    about["a"].append(2)
    assert unpack(packed)[0].tolist() == [0, 0, 0] and unpack(packed)[1] == {"a": [1]}


@pytest.mark.parametrize("array", [np.array([None]), np.zeros(2, [("a", "i4")])])
def test_only_numbers_can_be_packed(array):
    with pytest.raises(TypeError, match="cannot be remembered, only one of numbers"):
        pack(array)
