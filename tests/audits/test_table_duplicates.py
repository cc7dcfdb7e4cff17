import time

import numpy as np

from sourcewise.audits import table_duplicates


def _names(n):
    return np.array([f"r{k:06d}" for k in range(n)])


def _pairs(numbers):
    pairs = table_duplicates.near(_names(len(numbers)), numbers)
    return list(zip(pairs["clip_id"], pairs["other"], pairs["similarity"], strict=True))


def _table(n, n_columns=58, seed=0):
    return np.random.default_rng(seed).normal(size=(n, n_columns)) * np.logspace(-6, 6, n_columns)


def test_rows_that_agree_in_nearly_all_columns_are_pairs():
    table = _table(500)
    table[400] = table[7] * (1 + 1e-7)  # other digits
    table[401] = table[8]
    table[401, [0, 11, 22, 33, 57]] += 10.0 ** np.array([-5, 5, 5, 5, 7])  # 5 of 58 differ: 53 / 58
    table[402] = table[9]
    table[402, [0, 1, 11, 22, 33, 57]] += 10.0 ** np.array([-5, -5, 5, 5, 5, 7])  # 52 / 58 is below nine tenths
    assert _pairs(table) == [("r000007", "r000400", 1.0), ("r000008", "r000401", 0.914)]


def test_rows_that_only_resemble_each_other_are_no_pair():
    table = _table(500)
    table[1] = table[0] + 0.05 * np.logspace(-6, 6, 58)  # a twentieth of a deviation in each column
    assert _pairs(table) == []


def test_an_outlier_does_not_make_all_others_alike():
    table = _table(200)
    table[0] *= 1e9
    assert _pairs(table) == []


def test_columns_that_are_constant_in_most_rows_are_ignored():
    table = np.hstack([_table(3000, 6), np.zeros((3000, 54))])
    table[0, 6:] = 1  # so that these columns are not constant
    table[1:50, 6] = 1
    assert _pairs(table) == []


def test_a_value_that_thousands_of_rows_share_is_no_reason_to_compare_them_all():
    table = _table(6000, 20)
    table[:2500, :10] = 0
    table[4000] = table[5000] * (1 + 1e-9)
    started = time.perf_counter()
    assert _pairs(table) == [("r004000", "r005000", 1.0)]
    assert time.perf_counter() - started < 10


def test_constant_columns_and_tables_of_one_row():
    assert _pairs(np.ones((1, 4))) == []
    assert _pairs(np.array([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0]])) == []


def test_few_columns_and_columns_of_few_values_agree_by_chance():
    rng = np.random.default_rng(0)
    few = rng.normal(size=(600, 2))
    flags = rng.integers(0, 2, (600, 30)).astype(float)
    assert _pairs(np.hstack([few, flags])) == []
    table = np.hstack([_table(600, 20), flags])
    table[5] = table[3]
    table[5, 0] *= 2
    assert _pairs(table) == [("r000003", "r000005", 0.98)]
