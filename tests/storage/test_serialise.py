import numpy as np
import pytest

from sourcewise.storage.serialise import from_bytes, to_bytes


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
    result = from_bytes(to_bytes(array))
    assert result.dtype == array.dtype and result.shape == array.shape and result.tobytes() == array.tobytes()
    assert result.flags.writeable and result.flags.c_contiguous


def test_a_decoded_recording_comes_back():
    y, about = from_bytes(to_bytes((np.array([1, 2, 3], np.int16), {"sr_original": 44100, "clipped": False})))
    assert y.tolist() == [1, 2, 3] and about == {"sr_original": 44100, "clipped": False}


def test_a_rejected_recording_comes_back():
    assert from_bytes(to_bytes((None, "is shorter than 0.1 s: \udcff ä"))) == (None, "is shorter than 0.1 s: \udcff ä")


def test_two_arrays_of_different_types_come_back():
    one, other = from_bytes(to_bytes((np.array([1, 2, 3], np.int8), np.array([[0.5]]))))
    assert one.tolist() == [1, 2, 3] and other.tolist() == [[0.5]]


def test_results_share_no_memory():
    data = to_bytes((np.zeros(3), {"a": [1]}))
    y, about = from_bytes(data)
    y += 1
    about["a"].append(2)
    assert from_bytes(data)[0].tolist() == [0, 0, 0] and from_bytes(data)[1] == {"a": [1]}


@pytest.mark.parametrize("array", [np.array([None]), np.zeros(2, [("a", "i4")])])
def test_only_numbers_can_be_serialised(array):
    with pytest.raises(TypeError, match="cannot be cached, only one of numbers"):
        to_bytes(array)
