import numpy as np
import pytest

from sourcewise.models.keras.tensorflow import import_keras


def test_a_table_of_large_numbers_is_standardised_in_full_precision():
    import_keras()
    from sourcewise.models.keras.layers import standardise

    x = np.float32(np.random.default_rng(0).normal(3e6, 1e6, (50, 2)))
    layer = standardise(x)
    assert layer.compute_dtype == "float32"
    result = np.asarray(layer(x))
    assert result.mean(axis=0) == pytest.approx([0, 0], abs=1e-3) and result.std(axis=0) == pytest.approx(
        [1, 1], abs=1e-3
    )


def test_a_column_that_is_constant_in_train_is_not_blown_up():
    import_keras()
    from sourcewise.models.keras.layers import standardise

    layer = standardise(np.float64([[120.3, 0, 1e-7], [120.3, 0, 3e-7], [120.3, 0, 2e-7]] * 7))
    assert np.asarray(layer(np.float32([[121.3, 1, 2e-7]])))[0] == pytest.approx([1, 1, 0], abs=1e-4)
