import numpy as np
import pytest
import scipy.ndimage

from sourcewise.audio.median import along_bins, along_frames, network


@pytest.mark.parametrize("shape", [(31, 31), (40, 90), (131, 257), (300, 130)])
def test_they_are_scipys(shape):
    x = np.random.default_rng(0).random(shape, dtype=np.float32)
    assert np.array_equal(along_frames(x), scipy.ndimage.median_filter(x, size=(31, 1), mode="reflect"))
    assert np.array_equal(along_bins(x), scipy.ndimage.median_filter(x, size=(1, 31), mode="reflect"))


@pytest.mark.parametrize("n", [*range(1, 35), 64])
def test_they_are_the_medians_of_mirrored_windows(n):
    x = np.random.default_rng(n).random((n, 2), dtype=np.float32)
    mirrored = np.pad(x, ((15, 15), (0, 0)), mode="symmetric")
    assert np.array_equal(along_frames(x), [np.median(mirrored[t : t + 31], axis=0) for t in range(n)])


@pytest.mark.parametrize(
    ("n", "n_sorted", "wanted", "n_comparators"),
    # of five sorted and three others the fourth; how many comparators are left is what makes it fast
    [(24, 0, range(8, 16), 117), (12, 8, range(4, 8), 31), (6, 4, range(2, 4), 9), (8, 5, [3], None)],
)
def test_a_network_puts_what_is_wanted_in_place(n, n_sorted, wanted, n_comparators):
    pairs = network(n, n_sorted, wanted)
    assert n_comparators in (None, len(pairs))
    for seed in range(200):
        values = np.random.default_rng(seed).integers(0, 10, n)
        values[:n_sorted].sort()
        expected = np.sort(values)
        for i, j in pairs:
            values[[i, j]] = sorted(values[[i, j]])
        assert values[list(wanted)].tolist() == expected[list(wanted)].tolist()
