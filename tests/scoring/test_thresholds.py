import numpy as np
import pytest

from stages.core.task import Task
from stages.scoring.thresholds import choose

BINARY, MANY = Task("binary", ("a", "b")), Task("multiclass", ("a", "b", "c"))
SEVERAL = Task("multilabel", ("a", "b", "c"))


def _two(p):
    return np.column_stack([1 - np.array(p), p])


def test_what_separates_is_found():
    truth = np.array([0, 0, 0, 1, 1]) == np.array([[0], [1]])
    thresholds = choose(truth.T, _two([0.01, 0.1, 0.2, 0.3, 0.4]), BINARY)
    assert thresholds == pytest.approx([0.75, 0.25])  # half-way between 0.2 and 0.3
    assert (BINARY.decide(_two([0.24, 0.26]), thresholds)[:, 1] == [False, True]).all()


def test_where_several_do_as_well_it_is_the_one_next_to_a_half():
    truth = np.array([0, 1]) == np.array([[0], [1]])
    assert choose(truth.T, _two([0.1, 0.9]), BINARY).tolist() == [0.5, 0.5]


def test_each_of_several_labels_has_its_own():
    truth = np.array([[1, 0, 1], [0, 0, 1], [1, 0, 1], [0, 0, 1]], dtype=bool)
    p = np.array([[0.2, 0.4, 0.1], [0.1, 0.9, 0.2], [0.3, 0.1, 0.3], [0.05, 0.2, 0.4]])
    assert choose(truth, p, SEVERAL) == pytest.approx([0.15, 0.5, 0.5])  # the others: no clip without, none with
    assert SEVERAL.decide(p, [0.15, 0.5, 0.5])[:, 0].tolist() == [True, False, True, False]


def test_the_largest_f1_is_chosen():
    # from 0.35 on: 2 hits, 1 false, none missed, F1 0.8; from 0.6 on: 1 hit, none false, 1 missed, F1 0.667
    truth = np.array([[1, 0, 0], [1, 0, 0], [0, 0, 0], [0, 0, 0]], dtype=bool)
    p = np.array([[0.7, 0, 0], [0.4, 0, 0], [0.5, 0, 0], [0.3, 0, 0]])
    assert choose(truth, p, SEVERAL)[0] == pytest.approx(0.35)


def test_one_of_many_needs_none():
    truth = np.eye(3, dtype=bool)
    assert choose(truth, truth.astype(float), MANY).tolist() == [0, 0, 0]
    assert MANY.decide(np.array([[0.2, 0.5, 0.3]]), [0, 0, 0]).tolist() == [[False, True, False]]
